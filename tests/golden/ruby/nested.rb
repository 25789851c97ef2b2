def outer(list)
  inner = ->(x) { x + 1 }
  def helper(y)
    y * 2
  end
  list.map { |x| inner.(x) }
      .select(&:even?)
      .each_with_index do |x, i|
        puts x, i
      end
end
