__global__ void good(int *p) { *p = 1; }

__global__ void typed(int *p) {
    int i = threadIdx.
}

__device__ int also_good() { return 1; }
