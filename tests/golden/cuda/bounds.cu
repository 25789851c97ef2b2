__launch_bounds__(128, 2) __global__ void before(int *p) { *p = 1; }
extern "C" __global__ void exported(int *p) { *p = 2; }
static __global__ void
own_line(int *p)
{
    *p = 3;
}
