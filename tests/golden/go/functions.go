// Package demo shows functions.
package demo

import (
	"fmt"
	"os" // for Exit
)

// Add documents itself.
func Add(a, b int) int { return a + b }

func divide(a, b int) (quotient int, err error) {
	if b == 0 {
		return 0, fmt.Errorf("by zero")
	} else if b < 0 {
		b = -b
	} else {
		a = -a
	}
	/* a block
	   comment */
	return a / b, nil
}

func variadic(names ...string) {
	for i, name := range names {
		fmt.Println(i, name)
	}
	for {
		os.Exit(0)
	}
}

func assembly(x int) int
