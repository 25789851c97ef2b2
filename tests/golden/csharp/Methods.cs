using System;
using static System.Math; // words

namespace Demo.Shapes
{
    /// <summary>Documented.</summary>
    [Serializable]
    public class Circle : Shape, IDisposable
    {
        private readonly double radius;

        public Circle(double radius)
            : base("circle")
        {
            this.radius = radius;
        }

        static Circle() { Count = 0; }
        ~Circle() { Count--; }

        [Obsolete("use Size")]
        [MethodImpl(MethodImplOptions.NoInlining)]
        public override double Area() { return PI * radius * radius; }
        public double Twice() => 2 * Area();
        void IDisposable.Dispose() { Count--; }
        public abstract void Nothing();
        public static async Task<int> LoadAsync(string path)
        {
            var text = await Read(path);
            return text.Length;
        }
    }
}
