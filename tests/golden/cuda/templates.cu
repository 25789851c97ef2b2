template <typename T, int BLOCK>
__global__ void __launch_bounds__(BLOCK) reduce(const T *in, T *out)
{
    __shared__ T part[BLOCK];
    part[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    for (int s = BLOCK / 2; s > 0; s >>= 1) {
        if (threadIdx.x < s)
            part[threadIdx.x] += part[threadIdx.x + s];
        __syncthreads();
    }
    if (threadIdx.x == 0) out[blockIdx.x] = part[0];
}
template __global__ void reduce<float, 256>(const float *, float *);
