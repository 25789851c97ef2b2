const std::string &name() { return name_; }
int *data() { return data_; }
char **argv() { return argv_; }
int *&slot() { return slot_; }
auto trailing(int a) -> std::vector<int> { return {a}; }
std::unique_ptr<Node> make() { return std::make_unique<Node>(); }
void (*signal(int number))(int) { return handlers[number]; }
Foo &&Foo::take() && { return std::move(*this); }
[[nodiscard]] static constexpr int answer() noexcept { return 42; }
