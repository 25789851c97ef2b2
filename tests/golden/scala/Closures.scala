object Closures {
  val square = (x: Int) => x * x
  val half: Int => Int = { x =>
    x / 2
  }

  def run(values: List[Int]): Int = {
    def helper(x: Int): Int = x + 1
    val add = (a: Int, b: Int) => {
      a + b
    }
    values
      .filter(_ > 1)
      .map { x =>
        helper(x)
      }
      .foreach(println)
    values.foldLeft(0)(add)
  }
}
