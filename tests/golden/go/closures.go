package demo

var square = func(x int) int { return x * x }

var (
	half = func(x int) int {
		return x / 2
	}
	limit = 3
)

func run() {
	inner := func(n int) {
		use(n)
	}
	var later func()
	later = func() { inner(1) }
	var typed func(int) = func(n int) { use(n) }
	go func() {
		later()
	}()
	defer func() { recover() }()
	handle("/", func(w Writer) {
		w.Write(nil)
	})
	a, b := func() {}, func() {}
	typed(2)
}
