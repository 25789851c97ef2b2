fun good(): Int = 1

fun typed(a: Int): Int {
    val b = a.
    return (b
}

fun after(): Int {
    return 2
}
