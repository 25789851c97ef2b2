object Indented:
  def add(a: Int, b: Int): Int =
    val c = a + b
    c * 2

  def flow(n: Int) =
    if n > 1 then
      println(n)
    else
      println(0)

  class Inner:
    def go() = 1

def top(x: Int): Int =
  x + 1

enum Colour(val rgb: Int):
  case Red extends Colour(0xFF0000)
  def bright = rgb > 0

extension (s: String)
  def shout: String = s.toUpperCase

given intOrd: Ordering[Int] with
  def compare(a: Int, b: Int) = a - b
