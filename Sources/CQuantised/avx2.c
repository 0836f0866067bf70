// Kernels for processors with 256-bit vectors.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "vectors.h"
#define KERNEL(name) cajal_avx2_##name

static inline __attribute__((always_inline)) __m256i dot_half(__m256i w, __m256i x) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1));
}
static inline __attribute__((always_inline)) i16v dot_nibbles(i16v acc, b64 w, const int8_t *x) {
  int32_t quad;
  __builtin_memcpy(&quad, x, 4);
  const __m256i q = _mm256_set1_epi32(quad);
  __m256i parts[2], sums[2];
  __builtin_memcpy(parts, &w, 64);
  __builtin_memcpy(sums, &acc, 64);
  for (int i = 0; i < 2; i++) sums[i] = _mm256_add_epi32(sums[i], dot_half(parts[i], q));
  __builtin_memcpy(&acc, sums, 64);
  return acc;
}
// Whole bytes would overflow the 16-bit sums: their halves do not.
static inline __attribute__((always_inline)) i16v dot_bytes(i16v acc, b64 w, const int8_t *x) {
  const i16v high = dot_nibbles((i16v)(0), w >> 4, x);
  return dot_nibbles(acc, w & 15, x) + (high << 4);
}
#include "kernels.h"
#pragma clang attribute pop
#endif
