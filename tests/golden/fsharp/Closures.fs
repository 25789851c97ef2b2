module Closures
let double = fun x -> x * 2
let classify = function
    | 0 -> "zero"
    | n when n < 0 -> "negative"
    | _ -> "positive"
let partial = List.map double
let outer (list: int list) =
    let inner x = x + 1
    let rec loop acc rest =
        match rest with
        | [] -> acc
        | x :: tail ->
            let next = inner x
            loop (acc + next) tail
    list
    |> List.map (fun x -> x + 1)
    |> loop 0
