auto square = [](int x) { return x * x; };

int total(const std::vector<int> &values)
{
    int sum = 0;
    auto add = [&sum](int value) -> void {
        sum += value;
    };
    const auto each = [&](auto &&fn) { for (int v : values) fn(v); };
    std::for_each(values.begin(), values.end(), [](int v) {
        use(v);
    });
    each(add);
    return sum;
}
