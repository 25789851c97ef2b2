package demo

import scala.collection.mutable.{Map, Set}

object Functions extends App {
  /** Documented. */
  def add(a: Int, b: Int): Int = a + b

  @tailrec
  final def loop(n: Int): Int = {
    if (n > 0) loop(n - 1) // words
    else n
  }

  def curried[T](x: T)(f: T => Int)(implicit ord: Ordering[T]): Int = f(x)

  def procedure(n: Int) { println(n) }

  def noParens = 1
  def byName(x: => Int) = x
  def declared: Int
}
