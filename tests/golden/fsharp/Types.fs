namespace Shop

type Cart(items: int list) =
    let mutable total = 0
    let helper x = x + 1
    new() = Cart([])
    member this.Add(item) =
        total <- total + helper item
        this
    member _.Total = total
    member this.Name with get() = "n" and set (v: string) = ignore v
    static member Create(n: int) = Cart([n])
    static member (+) (a: Cart, b: Cart) = a
    override this.ToString() = "cart"
    abstract Size : unit -> int
    default this.Size() = 1
    interface System.IDisposable with
        member this.Dispose() = ()
