extension String {
    func shout() -> String { uppercased() + "!" }
    var half: Int { count / 2 }
}

extension Array where Element: Comparable {
    mutating func order() {
        sort()
    }
}

extension Outer.Inner: CustomStringConvertible {
    public var description: String {
        return "inner"
    }
}

protocol Shape {
    var sides: Int { get }
    func area() -> Double
    init(size: Int)
}
