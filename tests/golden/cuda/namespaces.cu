namespace ops {
namespace {
__global__ void fill(int *p, int v) { p[threadIdx.x] = v; }
}
struct Plus {
    __device__ float operator()(float a, float b) const { return a + b; }
};
void launch(int *p) { fill<<<1, 32>>>(p, 0); }
}
