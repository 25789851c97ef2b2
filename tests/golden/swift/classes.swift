public final class Circle: Shape, Drawable {
    private let radius: Double
    static var count = 0

    init(radius: Double) {
        self.radius = radius
        super.init()
    }

    convenience init?(text: String) {
        guard let value = Double(text) else { return nil }
        self.init(radius: value)
    }

    required init(coder: Coder) { fatalError() }

    deinit {
        Circle.count -= 1
    }

    override func draw() {
        print(radius)
    }

    class func unit() -> Circle { Circle(radius: 1) }
    static func == (a: Circle, b: Circle) -> Bool { return a.radius == b.radius }
}
