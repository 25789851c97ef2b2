object Registry {
    fun register(s: Shape) { all += s }
}

class Factory {
    companion object {
        @JvmStatic
        fun create(): Factory = Factory()
    }

    companion object Named {
        fun other() {}
    }

    val listener = object : Listener {
        override fun onClick() {
            tap()
        }
    }

    fun start() {
        run(object : Thread() {
            override fun run() { work() }
        })
    }
}
