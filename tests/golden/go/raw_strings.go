package demo

func query() string {
	return `
	  SELECT *
	    FROM t -- kept // too
	}`
}

const quote = '`'
