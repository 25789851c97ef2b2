fun <T> largest(items: List<T>): T where T : Comparable<T> {
    return items.max()
}

class Stack<T> {
    fun push(item: T) { items += item }
    inline fun <R> map(f: (T) -> R): List<R> = items.map(f)
}

typealias Handler = (Int) -> Unit
