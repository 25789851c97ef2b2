#pragma once
template <typename T>
__device__ __host__ T clamp(T x, T low, T high) { return x < low ? low : x > high ? high : x; }

__global__ void declared(int *p);
