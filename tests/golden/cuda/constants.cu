#define BLOCK 256
__constant__ float weights[BLOCK];
__device__ int counter = 0;
texture<float, 2> image;
