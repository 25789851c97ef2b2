package demo

func build() *Query {
	q := NewQuery().
		Where("a = ?", 1).
		Order(
			"b",
		)
	if err := q.Run(
		context.Background(),
	); err != nil {
		return nil
	}
	total := 1 +
		2
	return q.Limit(total)
}
