class Statements {
  def flow(n: Int): Int = {
    for {
      a <- list
      b = a + 1
      if b > 2
    } yield b
    for (i <- 0 until n) println(i)
    while (n > 0) {
      step()
    }
    do {
      step()
    } while (n > 0)
    try {
      connect()
    } catch {
      case e: IOException => throw e
      case _: Throwable =>
    } finally {
      close()
    }
    if (n > 1) {
      1
    } else if (n == 0)
      2
    else {
      3
    }
  }
}
