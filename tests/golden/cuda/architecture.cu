__device__ void atomic_add(double *p, double v)
{
#if __CUDA_ARCH__ >= 600
    atomicAdd(p, v);
#else
    unsigned long long *q = (unsigned long long *)p;
    *q = __double_as_longlong(v);
#endif
}
