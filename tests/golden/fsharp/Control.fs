module Control
let control x =
    for i in 1 .. 3 do
        printfn "%d" i
    while x > 0 do
        step ()
    if x > 1 then
        one ()
    elif x > 0 then
        two ()
    else
        three ()
    try
        risky ()
    with
    | :? Failure -> 0
    | _ -> 1
