#include <string>

namespace shapes {
namespace detail { int count = 0; }

class Circle : public Shape {
public:
    explicit Circle(double radius)
        : Shape("circle"), radius_(radius)
    {
        ++detail::count;
    }
    Circle(const Circle &) = delete;
    ~Circle() override { --detail::count; }
    double area() const noexcept { return 3.14 * radius_ * radius_; }
    static Circle unit();
private:
    double radius_; // metres
};

Circle Circle::unit() { return Circle(1); }

} // namespace shapes

double shapes::Circle::diameter() const
{
    return 2 * radius_;
}
