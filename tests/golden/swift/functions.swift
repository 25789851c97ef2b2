import Foundation

/// Documented.
@available(macOS 10.15, *)
@discardableResult
public func add(_ a: Int, to b: Int = 1) -> Int { return a + b }

func load<T: Decodable>(
    _ path: String,
    as type: T.Type // words
) async throws -> T where T: Sendable {
    let data = try await read(path)
    return try decode(data)
}

func outer() -> Int {
    func inner(_ n: Int) -> Int {
        n * 2
    }
    return inner(1)
}

func variadic(_ xs: Int...) { xs.forEach { print($0) } }
