package demo

func good() int { return 1 }

func typed(a int) int {
	if a > 1 {
		return a.

func after() int { return 2 }

func (p *Point) last() {}
