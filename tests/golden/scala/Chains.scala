object Chains {
  def build(
      a: Int,
      b: Int
  ): String =
    List(a, b)
      .map(_ + 1)
      .mkString(
        ","
      )

  def both(x: Boolean) =
    x &&
      other(x,
        true)
}
