namespace shop {
struct Order {
    static constexpr auto by_price = [](const Order &a, const Order &b) {
        return a.price < b.price;
    };
    std::function<int(int)> discount = [this](int percent) -> int { return price * percent / 100; };
    std::function<void()> notify{[] { send(); }};
    int price = 0;
};
}
