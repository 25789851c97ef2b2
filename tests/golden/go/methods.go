package demo

type Stack[T any] struct {
	items []T // from bottom to top
	size  int
}

func (s *Stack[T]) Push(item T) { s.items = append(s.items, item) }

func (s Stack[T]) Size() int { return len(s.items) }

func (Stack[T]) Empty() bool { return true }

type Reader interface {
	Read(p []byte) (n int, err error)
}

func (p *Point) Move(dx, dy int) *Point {
	p.x += dx
	return p
}

func (Point) String() string { return "point" }

func (p (*Point)) Odd() {}
