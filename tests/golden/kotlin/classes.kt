open class Shape(val name: String) : Base(name), Drawable {
    private val created = now()

    init {
        register(this)
    }

    constructor(size: Int) : this("x") {
        resize(size)
    }

    constructor() : this("y")

    override fun draw() {
        println(name)
    }

    abstract fun area(): Double

    operator fun plus(other: Shape): Shape { return other }

    inner class Corner {
        fun angle() = 90
    }
}

interface Drawable {
    fun draw()
    fun erase() { clear() }
}

data class Point(val x: Int, val y: Int)
