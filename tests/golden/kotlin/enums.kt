enum class Op(val sign: Char) {
    PLUS('+') {
        override fun apply(a: Int, b: Int) = a + b
    },
    MINUS('-') {
        override fun apply(a: Int, b: Int): Int {
            return a - b
        }
    };

    abstract fun apply(a: Int, b: Int): Int

    fun show() = sign
}

sealed class Result {
    object Ok : Result()
    class Error(val why: String) : Result() {
        fun log() { println(why) }
    }
}
