RSpec.describe Cart do
  let(:cart) { described_class.new }

  it "adds" do
    def local_helper(x) = x
    expect(cart.add(1)).to eq(1)
  end
end
