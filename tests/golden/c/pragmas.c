#pragma once
#include <omp.h>

double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    /* a comment goes, a pragma stays */
#pragma omp parallel for \
    reduction(+ : sum)
    for (int i = 0; i < n; i++) {
#pragma GCC unroll 4
        sum += a[i] * b[i]; // product
    }
    return sum;
}
