object Strings {
  def html(name: String) =
    s"""
      <p>
        $name // kept
      </p>
    """

  def plain = """a
  "b" }"""

  def f(x: Double) = f"$x%.2f ${if (x > 1) "many" else "one"}"
}
