module Conditional
#if DEBUG
let trace x = printfn "%A" x
#else
let trace x = ignore x
#endif
let after y = trace y
