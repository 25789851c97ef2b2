module Outer
module Inner =
    let f x = x
    module Deep =
        let g y = y
let h z = Inner.Deep.g z
