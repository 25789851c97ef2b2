module Shop
  class Cart < Base
    include Enumerable
    LIMIT = 10
    attr_reader :items

    def initialize(items = [])
      @items = items
    end

    def self.build(*args)
      new(args)
    end

    class << self
      def instance = @instance ||= new
      def reset!
        @instance = nil
      end
    end

    def +(other) = Cart.new(items + other.items)
    def [](i) = items[i]
    def ==(other); items == other.items; end
    def -@; self; end
    def total=(value)
      @total = value
    end

    private

    def secret; 1; end
    private def hidden = 2
    memoize def slow
      3
    end
  end
end

class Shop::Cart::Item
  def to_s = "item"
end
