object Anonymous {
  def start(): Unit = {
    val r = new Runnable {
      override def run(): Unit = {
        tick()
      }
    }
    new Thread(r).start()
  }

  val order = new Ordering[String] {
    def compare(a: String, b: String) = a.length - b.length
  }
}
