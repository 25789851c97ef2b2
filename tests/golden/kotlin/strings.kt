fun html(name: String): String {
    return """
        <p>
          $name // kept
        </p>
    """.trimIndent()
}

fun template(x: Int) = "value ${if (x > 1) "many" else "one"} }"
