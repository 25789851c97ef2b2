module Records
type Point = { X: float; Y: float } with
    member p.Norm = sqrt (p.X * p.X + p.Y * p.Y)
    static member Zero = { X = 0.0; Y = 0.0 }
type Shape =
    | Circle of float
    | Square
    member s.Area =
        match s with
        | Circle r -> r
        | Square -> 1.0
type IShape =
    abstract Area : unit -> float
exception Broken of string
