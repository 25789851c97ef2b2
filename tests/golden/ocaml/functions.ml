#!/usr/bin/env ocaml
(** Module docs. *)
open Printf

(** Adds up. *)
let rec sum_to acc n =
  (* from the top *)
  if n = 0 then acc
  else sum_to (acc + n) (n - 1)

and average xs =
  let total = List.fold_left ( +. ) 0. xs in
  total /. float_of_int (List.length xs)

let limit = 100
let compose f g x = f (g x)
let typed (x : int) : int = x + 1
let labelled ~first ?(second = 2) ?third () = first + second
let unit () = printf "hi\n"
let[@inline] fast x = x + 1
let () = print_int (sum_to 0 limit)
