int size(int) { return 4; }
int size(double) { return 8; }
template <typename T> int size(const T *) { return sizeof(T); }
inline namespace v2 { int size(long) { return 8; } }
