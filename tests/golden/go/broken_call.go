package demo

var before = 1

func first() { call(1, }

func second() {
	x := []int{1, 2
	return
}

func third() int { return 3 }
