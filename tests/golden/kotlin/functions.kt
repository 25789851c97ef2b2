package demo.app

import kotlin.math.*

/** Documented. */
fun add(a: Int, b: Int): Int = a + b

@Suppress("unused")
internal suspend inline fun <reified T : Any> load(
    path: String,
    default: T? = null, // words
): T? {
    val text = read(path)
    return parse(text) ?: default
}

tailrec fun loop(n: Int) {
    if (n > 0) loop(n - 1)
}

fun String.shout(): String = uppercase() + "!"

fun <T> List<T>.second(): T {
    return this[1]
}

infix fun Int.times(other: Int) = this * other
