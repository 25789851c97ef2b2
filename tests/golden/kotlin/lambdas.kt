val square: (Int) -> Int = { it * it }

val half = fun(x: Int): Int { return x / 2 }

fun run(values: List<Int>): Int {
    val add = { a: Int, b: Int ->
        a + b
    }
    fun helper(x: Int): Int {
        return x + 1
    }
    values
        .filter { it > 1 }
        .map {
            helper(it)
        }
        .forEach(::println)
    val result = with(values) {
        size
    }
    return add(result, 1)
}
