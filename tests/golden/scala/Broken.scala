object Broken {
  def good(): Int = 1

  def typed(a: Int): Int = {
    val b = (a +
  }

  def after(): Int = { 2 }
}
