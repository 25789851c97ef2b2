struct Vec {
    Vec &operator+=(const Vec &other) { x += other.x; return *this; }
    bool operator ==(const Vec &other) const { return x == other.x; }
    int operator()(int a, int b) { return a + b; }
    int &operator[](int i) { return data[i]; }
    explicit operator bool() const { return x != 0; }
    operator const char *() const { return ""; }
    void *operator new(std::size_t size) { return allocate(size); }
    friend Vec operator+(Vec a, const Vec &b) { return a += b; }
    Vec operator++(int) { Vec old = *this; ++x; return old; }
    int x, *data;
};

std::ostream &operator<<(std::ostream &out, const Vec &v) { return out << v.x; }
Vec::operator double() const { return x; }
Vec &Vec :: operator = (Vec &&other) { return *this; }
long double operator""_km(long double value) { return value * 1000; }
auto operator<=>(const Vec &a, const Vec &b) { return a.x <=> b.x; }
