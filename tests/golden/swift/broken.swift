func good() -> Int { return 1 }

func typed(_ a: Int) -> Int {
    let b = (a +
    return b
}

func after() -> Int { return 2 }
