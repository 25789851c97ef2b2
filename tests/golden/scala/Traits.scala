trait Shape {
  def area: Double
  def twice: Double = 2 * area
}

sealed abstract class Result
case class Ok(value: Int) extends Result { def get = value }
case object Failed extends Result

trait Cake { self: Shape =>
  def bake() = {
    area
  }
}
