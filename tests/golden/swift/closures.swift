let square = { (x: Int) -> Int in x * x }

func run(_ values: [Int]) -> Int {
    let add: (Int, Int) -> Int = { a, b in
        return a + b
    }
    let total = values
        .filter { $0 > 1 }
        .map { value in
            add(value, 1)
        }
        .reduce(0, +)
    defer { close() }
    DispatchQueue.main.async { [weak self] in
        self?.update()
    }
    return total
}
