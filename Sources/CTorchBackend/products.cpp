// libtorch on Debian calls the BLAS for matrix products, whose kernels know no processor newer than itself; oneDNN, which
// libtorch brings along for convolutions, writes its kernels for the processor at hand. This library's `sgemm_` is found
// before the BLAS's, because libtorch is loaded as its dependency; a libtorch with a BLAS of its own inside never asks.
#include "products.h"

#include <dlfcn.h>

#include <cstdint>

namespace {

using Sgemm = void (*)(const char *, const char *, const int *, const int *, const int *, const float *, const float *,
                       const int *, const float *, const int *, const float *, float *, const int *);
using RowMajorSgemm = int (*)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *,
                              int64_t, float, float *, int64_t);

/// The functions of the libraries loaded after this one.
struct Libraries {
  Sgemm blas = reinterpret_cast<Sgemm>(dlsym(RTLD_NEXT, "sgemm_"));
  RowMajorSgemm oneDNN = reinterpret_cast<RowMajorSgemm>(dlsym(RTLD_NEXT, "dnnl_sgemm"));
  int (*threads)() = reinterpret_cast<int (*)()>(dlsym(RTLD_NEXT, "omp_get_max_threads"));
  void (*setThreads)(int) = reinterpret_cast<void (*)(int)>(dlsym(RTLD_NEXT, "omp_set_num_threads"));
};

/// Below so many multiplications the BLAS's lower cost of a call wins.
constexpr double smallest = 24 * 24 * 24;
/// Below so many, waking another thread costs more than it brings.
constexpr double worthThreads = 8e6;

}  // namespace

bool cajal_sgemm(
    char transA, char transB, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
    float beta, float *c, int ldc) {
  static const Libraries libraries;
  double work = static_cast<double>(m) * n * k;
  int status = -1;
  if (libraries.oneDNN && libraries.setThreads && (work >= smallest || !libraries.blas)) {
    int threads = libraries.threads();
    bool alone = threads > 1 && work < worthThreads;
    if (alone) libraries.setThreads(1);
    // Columns of Fortran are rows of C: the product is asked for transposed, factors exchanged.
    status = libraries.oneDNN(transB, transA, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc);
    if (alone) libraries.setThreads(threads);
  }
  if (status == 0) return true;
  if (!libraries.blas) return false;
  libraries.blas(&transA, &transB, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
  return true;
}

extern "C" __attribute__((visibility("default"))) void sgemm_(
    const char *transA, const char *transB, const int *m, const int *n, const int *k, const float *alpha, const float *a,
    const int *lda, const float *b, const int *ldb, const float *beta, float *c, const int *ldc) {
  cajal_sgemm(*transA, *transB, *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc);
}
