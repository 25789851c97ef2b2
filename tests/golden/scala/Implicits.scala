package object syntax {
  implicit class RichInt(val n: Int) extends AnyVal {
    def squared: Int = n * n
  }

  implicit def toText(n: Int): String = n.toString
  implicit val order: Ordering[Foo] = Ordering.by(_.n)
  lazy val later = { compute() }
  type Handler = Int => Unit
}
