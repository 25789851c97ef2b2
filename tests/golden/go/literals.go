package demo

var table = []struct {
	name  string
	value int
}{
	{"one", 1},
	{
		name:  "two",
		value: 2, // second
	},
}

func config() *Config {
	return &Config{
		Name: "x",
		Run: func() error {
			return nil
		},
		Tags: map[string]int{
			"a": 1,
		},
	}
}
