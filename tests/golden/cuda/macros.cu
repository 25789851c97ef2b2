#define CHECK(call) \
    do { \
        if ((call) != cudaSuccess) abort(); \
    } while (0)

CUDA_KERNEL void hidden(int *p) { *p = 1; }

void use()
{
    CHECK(cudaMalloc(&p, 4));
    DISPATCH(type, [&] {
        hidden<<<1, 1>>>(p);
    });
}
