#r "nuget: Foo"
#load "other.fsx"
let fib n =
    let rec go a b k = if k = 0 then a else go b (a + b) (k - 1)
    go 0 1 n
printfn "%d" (fib 10)
