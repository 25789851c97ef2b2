struct Stack<Element> {
    private var items: [Element] = []

    mutating func push(_ item: Element) { items.append(item) }

    func map<T>(_ transform: (Element) throws -> T) rethrows -> [T] {
        return try items.map(transform)
    }
}

func largest<T>(_ xs: [T]) -> T? where T: Comparable {
    xs.max()
}
