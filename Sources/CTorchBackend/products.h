// Single-precision matrix products by the fastest library at hand.
#pragma once

/// `c = alpha op(a) op(b) + beta c` on columns of Fortran, as the BLAS defines it; false where no library was found.
bool cajal_sgemm(
    char transA, char transB, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
    float beta, float *c, int ldc);
