type 'a tree =
  | Leaf
  | Node of 'a tree * 'a * 'a tree
type shape = [ `Circle of float | `Square ]
let rec size : 'a. 'a tree -> int = function
  | Leaf -> 0
  | Node (l, _, r) -> size l + 1 + size r
let area : shape -> float = function `Circle r -> r | `Square -> 1.
