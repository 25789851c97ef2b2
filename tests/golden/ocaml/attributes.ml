let rec fact n = if n < 2 then 1 else n * fact (n - 1) [@@tail_mod_cons]
let f x = (g [@inlined]) x
let%test _ = fact 3 = 6
let%expect_test "prints" = print_endline "x"
external length : string -> int = "%string_length"
type t = { mutable x : int; y : string } [@@deriving show]
exception Broken of string
let helper x = x [@@warning "-32"]
