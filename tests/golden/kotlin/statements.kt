fun classify(value: Any?, n: Int): String {
    when (value) {
        null -> return "nothing"
        is Int, is Long -> {
            log(value)
            return "number"
        }
        in 1..3 -> Unit
        else -> fail()
    }
    val text = when {
        n > 1 -> "many"
        else -> "few"
    }
    try {
        connect()
    } catch (e: IOException) {
        throw e
    } finally {
        close()
    }
    for (i in 0 until n) {
        if (i == 2) continue
        else println(i)
    }
    do {
        step()
    } while (n > 0)
    outer@ while (true) {
        break@outer
    }
    if (n > 1)
        return "a"
    else
        return text
}
