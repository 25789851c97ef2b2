class Box(private var items: List<Int>) {
    val size: Int
        get() = items.size

    var first: Int = 0
        get() {
            return field
        }
        set(value) {
            field = max(0, value)
        }

    val lazyOne by lazy {
        compute()
    }

    val String.half: Int get() = length / 2
}
