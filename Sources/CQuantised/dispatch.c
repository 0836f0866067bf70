// Chooses the kernels once, by what the processor offers.
#include "vectors.h"
#include <string.h>

static const cajal_kernel_table *chosen;
static const char *chosen_name;

static int32_t choose(const char *name) {
#if defined(__x86_64__)
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    chosen_name = "avx512";
    chosen = &cajal_avx512_table;
    return 1;
  }
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    chosen_name = "avx2";
    chosen = &cajal_avx2_table;
    return 1;
  }
#endif
  if (strcmp(name, "plain") != 0) return 0;
  chosen_name = "plain";
  chosen = &cajal_plain_table;
  return 1;
}

static __attribute__((constructor)) void choose_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  if (!choose("avx512") && !choose("avx2")) choose("plain");
}

const char *cajal_kernels(void) { return chosen_name; }
int32_t cajal_choose_kernels(const char *name) { return choose(name); }

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
