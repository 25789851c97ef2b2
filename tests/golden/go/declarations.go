package demo

const (
	A = iota
	B
)

type (
	ID   int
	Pair struct{ left, right ID }
)

var x, y = 1, 2
