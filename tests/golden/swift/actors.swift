actor Counter {
    private var value = 0

    func increment() async -> Int {
        value += 1
        return value
    }

    nonisolated func name() -> String { "counter" }
}

@main
struct App {
    static func main() async throws {
        async let a = fetch()
        try await print(a)
    }
}
