// Licence
module Comments
(* block
   let no x = x *)
/// Docs.
let add a (* first *) b = // body
    // own line
    a + b (* after *)
/// After.
let next x = x
