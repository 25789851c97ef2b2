double = ->(x) { x * 2 }
SQUARE = lambda { |x| x * x }
@half = lambda do |x|
  x / 2
end
callback = proc { |x| p x }
maker = Proc.new { |x| x }
curried = ->(a) do
  ->(b) { a + b }
end
result = list.map { |x| x + 1 }
config = Config.new { |c| c.level = 1 }
