given intOrder: Ordering[Int] with
  def compare(a: Int, b: Int): Int = a - b

given Ordering[String] with
  def compare(a: String, b: String): Int =
    a.length - b.length

given [T](using Ordering[T]): Ordering[List[T]] with
  def compare(a: List[T], b: List[T]): Int = 0

extension (text: String)
  def shout: String = text.toUpperCase
