// Kernels for processors with 512-bit vectors and their products of bytes.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))),             \
    apply_to = function)
#include "vectors.h"
#define KERNEL(name) cajal_avx512_##name

static inline __attribute__((always_inline)) i16v dot_nibbles(i16v acc, b64 w, const int8_t *x) {
  int32_t quad;
  __builtin_memcpy(&quad, x, 4);
  return (i16v)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)w, _mm512_set1_epi32(quad));
}
static inline __attribute__((always_inline)) i16v dot_bytes(i16v acc, b64 w, const int8_t *x) {
  return dot_nibbles(acc, w, x);
}
#include "kernels.h"
#pragma clang attribute pop
#endif
