//go:build linux && !cgo
// +build linux

package demo

//go:embed data.txt
var data string

// slow is never inlined.
//
//go:noinline
//go:nosplit
func slow() int {
	return 1 // words
}

//go:generate stringer -type=Kind

//export Exported
func Exported() {}
