fun build(
    a: Int,
    b: Int
): String =
    listOf(a, b)
        .joinToString(
            ","
        )

fun elvis(x: String?): Int {
    val y = x
        ?.trim()
        ?: return 0
    return call(
        y,
        last = true
    )
}
