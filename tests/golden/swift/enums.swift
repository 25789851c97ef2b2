enum Token: Equatable {
    case number(Double) // payload
    case name, end
    indirect case pair(Token, Token)

    static let all: [Token] = []

    func show() -> String {
        switch self {
        case .number(let n): return "\(n)"
        default: return ""
        }
    }

    enum Nested { case one; func go() {} }
}
