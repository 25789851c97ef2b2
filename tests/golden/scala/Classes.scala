class Stack[T](private val limit: Int) extends Base(limit) with Ordered[T] {
  private var items = List.empty[T]

  def this() = this(10)

  def this(name: String) = {
    this(name.length)
    log(name)
  }

  override def push(item: T): Unit = {
    items = item :: items
  }

  def apply(i: Int): T = items(i)
  def update(i: Int, v: T): Unit = { items = items.updated(i, v) }
  def size_=(n: Int): Unit = resize(n)
  def +(item: T): Stack[T] = { push(item); this }
  def unary_! : Boolean = items.isEmpty

  class Cursor { def next() = items.head }
}

object Stack {
  def empty[T] = new Stack[T](0)
}
