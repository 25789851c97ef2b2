package demo

func init() { register("a") }

func init() {
	register("b")
}

func main() {
	type local struct{ n int }
	l := local{1}
	_ = l
}
