// Kernels for any processor.
#include "vectors.h"
#define KERNEL(name) cajal_plain_##name

static inline __attribute__((always_inline)) i16v dot_nibbles(i16v acc, b64 w, const int8_t *x) {
  for (int lane = 0; lane < 16; lane++)
    for (int i = 0; i < 4; i++) acc[lane] += (int32_t)w[4 * lane + i] * x[i];
  return acc;
}
static inline __attribute__((always_inline)) i16v dot_bytes(i16v acc, b64 w, const int8_t *x) {
  return dot_nibbles(acc, w, x);
}
#include "kernels.h"
