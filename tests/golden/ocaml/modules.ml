module Stack = struct
  type 'a t = 'a list
  let empty = []
  let push x s = x :: s
  module Deep = struct
    let f x = x
  end
end

module type Ordered = sig
  type t
  val compare : t -> t -> int
end

module Make (O : Ordered) : sig val sort : O.t list -> O.t list end = struct
  let sort list = List.sort O.compare list
end

module Ints = Make (struct
  type t = int
  let compare a b = a - b
end)
let last s = Stack.Deep.f s
