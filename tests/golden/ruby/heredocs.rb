def sql(table)
  query = <<~SQL
    SELECT *
      FROM #{table}
  SQL
  run(<<-A, <<~'B')
    a # no comment
    A
      b
  B
  %w[one two
     three]
end
