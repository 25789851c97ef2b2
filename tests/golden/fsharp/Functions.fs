/// Module docs.
module Functions
open System

/// Adds up.
let rec sumTo acc n =
    // from the top
    if n = 0 then acc
    else sumTo (acc + n) (n - 1)

let limit = 100
let compose f g x = f (g x)
let typed (x: int) (y: string) : int = x + y.Length
let inline square x = x * x
let private hidden () = ()
let (+.) a b = a + b
let (|Even|Odd|) n = if n % 2 = 0 then Even else Odd

[<EntryPoint>]
let main argv =
    printfn "%d" (sumTo 0 limit)
    0
