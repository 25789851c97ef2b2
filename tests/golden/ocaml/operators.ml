let ( + ) a b = Int.add a b
let (>>=) m f = Option.bind m f
let ( let* ) = Result.bind
let ( and* ) a b = pair a b
let ( |> ) x f = f x
let ( .%[] ) a i = a.(i)
