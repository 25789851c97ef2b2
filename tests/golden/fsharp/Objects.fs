module Objects
let comparer =
    { new System.Collections.Generic.IComparer<int> with
        member _.Compare(a, b) = a - b }
type Extended =
    class
    end
type System.String with
    member s.Shout = s.ToUpper()
