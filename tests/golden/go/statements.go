package demo

func classify(value any, c chan int) string {
	switch v := value.(type) {
	case int:
		if v > 1 {
			return "many"
		}
		fallthrough
	case string, []byte:
		return "text"
	default:
		return "other"
	}
	switch {
	case len(c) > 0:
		break
	}
	select {
	case x := <-c:
		return string(x)
	case c <- 1:
	default:
	}
outer:
	for i := 0; i < 3; i++ {
		for range c {
			continue outer
		}
	}
	return ""
}
