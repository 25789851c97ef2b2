module Computation
let fetch url = async {
    let! reply = get url
    do! log reply
    return reply
}
let numbers =
    seq {
        for i in 1 .. 3 do
            yield i
    }
let run () =
    let result = fetch "x" |> Async.RunSynchronously
    result
