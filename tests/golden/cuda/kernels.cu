#include <cuda_runtime.h>

// Adds two vectors.
__global__ void add(const float *a, const float *b, float *out, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a[i] + b[i];
}

__device__ float half(float x) { return x / 2; }
__host__ __device__ inline float twice(float x) { return 2 * x; }

void run(const float *a, const float *b, float *out, int n)
{
    add<<<(n + 255) / 256, 256>>>(a, b, out, n);
    cudaDeviceSynchronize();
}
