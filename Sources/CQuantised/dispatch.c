// Chooses the kernels once, by what the processor offers.
#include "vectors.h"
#include <string.h>

static const cajal_kernel_table *chosen;

// The kernels of a kind; null if this processor has none of that name.
static const cajal_kernel_table *named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    return &cajal_avx512_table;
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &cajal_avx2_table;
#endif
  return strcmp(name, "plain") == 0 ? &cajal_plain_table : 0;
}

static __attribute__((constructor)) void choose(void) {
  const char *kinds[] = {"avx512", "avx2", "plain"};
  for (int i = 0; i < 3 && !chosen; i++) chosen = named(kinds[i]);
}

int32_t cajal_product_by(const char *kind, const cajal_matrix *w, const float *x, const cajal_activity *a,
                         int64_t tokens, float *y, int64_t stride) {
  const cajal_kernel_table *kernels = named(kind);
  if (!kernels) return 0;
  for (int64_t t = 0; t < tokens; t++) kernels->quantise(x + t * a->blocks * 32, a, t, 0, a->blocks);
  kernels->product(w, 0, 1, a, tokens, y, stride, 1);
  return 1;
}

void cajal_product(const cajal_matrix *w, int64_t first, int64_t last, const cajal_activity *x, int64_t tokens,
                   float *y, int64_t stride, int32_t add) {
  chosen->product(w, first, last, x, tokens, y, stride, add);
}
void cajal_quantise(const float *x, const cajal_activity *a, int64_t token, int64_t first, int64_t last) {
  chosen->quantise(x, a, token, first, last);
}
void cajal_rms_norm(const float *x, const float *w, float epsilon, int64_t count, float *y) {
  chosen->rms_norm(x, w, epsilon, count, y);
}
void cajal_gated(float *gate, const float *up, int64_t count) { chosen->gated(gate, up, count); }
void cajal_rotate(float *x, int64_t count, const float *table, int64_t width, int64_t offset) {
  chosen->rotate(x, count, table, width, offset);
}
void cajal_attend(const float *queries, int64_t rows, const int32_t *lengths, const uint16_t *keys,
                  const uint16_t *values, int64_t width, float *scores, int64_t stride, float *y) {
  chosen->attend(queries, rows, lengths, keys, values, width, scores, stride, y);
}
void cajal_halves(const float *x, uint16_t *y, int64_t count) { chosen->halves(x, y, count); }
