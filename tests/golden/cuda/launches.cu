struct Runner {
    void go(cudaStream_t stream) {
        dim3 grid(4), block(32);
        kernel<<<grid, block, 0, stream>>>(data_,
                                           size_);
        other<float><<<1, 1>>>();
    }
    __device__ int size() const { return size_; }
    float *data_; int size_;
};
