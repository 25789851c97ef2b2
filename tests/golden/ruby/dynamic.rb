class Model
  define_method(:dynamic) { |x| x + 1 }
  define_method("named") do |x|
    x
  end
  define_singleton_method(:build) { new }
  scope :active, -> { where(active: true) }
  define_method(name_of(x)) { 1 }
end
obj = Object.new
def obj.greet = "hi"
Point = Struct.new(:x, :y) do
  def norm
    Math.sqrt(x * x + y * y)
  end
end
Klass = Class.new(Base) do
  def run; end
end
