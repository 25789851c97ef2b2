void apply(float *xs, int n)
{
    auto twice = [=] __device__ (int i) { xs[i] *= 2; };
    for_each(n, twice);
    auto host = [&](int i) { return xs[i]; };
}
