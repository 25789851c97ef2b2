object Matching {
  def classify(x: Any): String = x match {
    case 0 | 1 => "few"
    case n: Int if n < 0 =>
      log(n)
      "negative"
    case Some(y) => {
      y.toString
    }
    case _ => "other"
  }

  val partial: PartialFunction[Int, String] = {
    case 1 => "one"
    case 2 =>
      "two"
  }
}
