(* Licence
   let no x = x *)
(** Docs. *)
let add a (* first *) b = (* body
  next *) a + b (* nested (* comment *) "string *)" *)
(** After. *)

let next x =
  (* only *)
  x
