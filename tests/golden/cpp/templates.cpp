template <typename T, int N = 4>
class Stack {
public:
    void push(const T &value) { items_[size_++] = value; }
    template <typename U>
    void push_all(const U &values)
    {
        for (const auto &value : values)
            push(value);
    }
private:
    T items_[N];
    int size_ = 0;
};

template <typename T, int N>
T Stack<T, N>::pop()
{
    return items_[--size_];
}

template <>
struct std::hash<Key> {
    size_t operator()(const Key &key) const { return key.value; }
};

template <typename T>
    requires std::integral<T>
constexpr T twice(T value) { return 2 * value; }

template <typename... Args>
void log(Args &&...args) { (write(std::forward<Args>(args)), ...); }

template <> int twice<int>(int value) { return value << 1; }
