namespace Outer
{
    namespace Inner
    {
        public partial class A<T>
        {
            private struct B
            {
                interface IC { void D() { } }
                internal void Work() { }
            }
            enum Kind
            {
                One, // first
                Two = 2,
            }
        }
    }
}
