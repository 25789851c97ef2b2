func classify(_ value: Any?, _ n: Int) -> String {
    switch value {
    case nil:
        return "nothing"
    case let number as Int where number < 0:
        log(number)
        fallthrough
    case .some(let x):
        use(x)
    default: break
    }
    guard n > 0, let text = name else {
        return ""
    }
    if let a = first, a > 1 {
        return "a"
    } else if n == 2 {
        return "b"
    }
    else {
        return "c"
    }
    do {
        try open()
    } catch let error as IOError {
        log(error)
    } catch {
        throw error
    }
    repeat {
        step()
    } while n > 0
    outer: for i in 0..<n where i != 2 {
        continue outer
    }
    while let next = iterator.next() { use(next) }
    return text
}
