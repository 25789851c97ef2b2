#pragma once

void scale(std::vector<float> &xs, float factor)
{
    const auto n = xs.size(); // words go
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
        xs[i] *= factor;
    [[maybe_unused]] int rest = 0;
}
