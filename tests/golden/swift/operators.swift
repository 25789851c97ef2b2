infix operator **: MultiplicationPrecedence

func ** (base: Double, power: Double) -> Double { return pow(base, power) }
prefix func - (v: Vector) -> Vector { return v.negated() }

struct Vector {
    static func + (a: Vector, b: Vector) -> Vector { Vector(a.x + b.x) }
    static func += (a: inout Vector, b: Vector) { a = a + b }
    static prefix func ! (v: Vector) -> Bool { v.x == 0 }
}
