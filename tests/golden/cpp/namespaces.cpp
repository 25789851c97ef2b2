namespace a::b::c {
int f() { return 1; }
}
namespace {
int hidden() { return 2; }
struct Local { void run() {} };
}
extern "C" {
int exported(void) { return 3; }
}
extern "C" int single(void) { return 4; }
namespace alias = a::b;
