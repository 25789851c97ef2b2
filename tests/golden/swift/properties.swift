struct Box {
    var width = 0 {
        willSet { log(newValue) }
        didSet {
            if width < 0 { width = oldValue }
        }
    }

    var area: Int {
        get { return width * width }
        set {
            width = newValue
        }
    }

    var twice: Int { 2 * width }

    lazy var table: [Int] = {
        return [1, 2]
    }()

    subscript(i: Int) -> Int {
        get { items[i] }
        set(value) { items[i] = value }
    }

    subscript(name: String) -> Int { return 0 }
}
