// The kernels, written once over vectors of 16 numbers and compiled for each kind of processor: the file that includes
// this one has defined KERNEL(name), and dot_nibbles and dot_bytes for its instructions.
#include "include/cquantised.h"
#include "vectors.h"

#define INLINE static inline __attribute__((always_inline))

// How far ahead of a single token's products weights are fetched: further than the processor does by itself.
#define AHEAD 10240
#define FETCH(place, lines)                                                                                            \
  _Pragma("clang loop unroll(full)") for (int line = 0; line < lines; line++)                                          \
      __builtin_prefetch((place) + AHEAD + 64 * line, 0, 3)

INLINE v16 half_vector(const void *p) {
  h16 h;
  __builtin_memcpy(&h, p, 32);
  return __builtin_convertvector(h, v16);
}
INLINE v16 load16(const float *p) {
  v16 v;
  __builtin_memcpy(&v, p, 64);
  return v;
}
INLINE void store16(float *p, v16 v) { __builtin_memcpy(p, &v, 64); }
INLINE b64 load64(const uint8_t *p) {
  b64 v;
  __builtin_memcpy(&v, p, 64);
  return v;
}

// One group of 16 rows times T tokens, 4 bits.
INLINE void group4(const cajal_matrix *w, const uint8_t *p, const cajal_activity *x, int64_t token, const int T,
                   v16 *acc) {
  const int8_t *q = x->values + token * x->stride;
  const float *scales = x->scales + token * x->blocks, *sums = x->sums + token * x->blocks;
  int64_t place = 0;
  for (int64_t b = 0; b < w->blocks; b++) {
    const v16 d = half_vector(p), m = half_vector(p + 32);
    if (T == 1) FETCH(p, 5);
    p += 64;
    i16v dots[T];
    for (int t = 0; t < T; t++) dots[t] = (i16v)(0);
    if (w->vectors == 0) {
      b64 low[4], high[4];
#pragma clang loop unroll(full)
      for (int v = 0; v < 4; v++) {
        const b64 both = load64(p + 64 * v);
        low[v] = both & 15;
        high[v] = both >> 4;
      }
      p += 256;
#pragma clang loop unroll(full)
      for (int t = 0; t < T; t++) {
        const int8_t *a = q + t * x->stride + place, *fine = a + x->fine;
        i16v coarse = (i16v)(0);
#pragma clang loop unroll(full)
        for (int v = 0; v < 4; v++) {
          coarse = dot_nibbles(coarse, low[v], a + 4 * v);
          dots[t] = dot_nibbles(dots[t], low[v], fine + 4 * v);
          coarse = dot_nibbles(coarse, high[v], a + 16 + 4 * v);
          dots[t] = dot_nibbles(dots[t], high[v], fine + 16 + 4 * v);
        }
        dots[t] += coarse << 8;
      }
      place += 32;
    } else {
      // Kept columns lie as pairs of quads, one in the low and one in the high halves.
      for (int v = 0; v < w->vectors[b]; v++, p += 64, place += 8) {
        const b64 both = load64(p);
        for (int t = 0; t < T; t++) {
          const int8_t *a = q + t * x->stride + place, *fine = a + x->fine;
          const i16v coarse = dot_nibbles(dot_nibbles((i16v)(0), both & 15, a), both >> 4, a + 4);
          dots[t] = dot_nibbles(dot_nibbles(dots[t], both & 15, fine), both >> 4, fine + 4) + (coarse << 8);
        }
      }
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < T; t++) {
      const v16 dot = __builtin_convertvector(dots[t], v16);
      acc[t] += dot * (d * scales[t * x->blocks + b]);
      acc[t] += m * sums[t * x->blocks + b];
    }
  }
}

// The same, 8 bits. The bytes are 128 too large, which starting at -128 times the sum makes good.
INLINE void group8(const cajal_matrix *w, const uint8_t *p, const cajal_activity *x, int64_t token, const int T,
                   v16 *acc) {
  const int8_t *q = x->values + token * x->stride;
  const float *scales = x->scales + token * x->blocks;
  const int32_t *totals = x->totals + token * x->blocks;
  const uint8_t *scale = p;
  p += (w->blocks * 32 + 63) / 64 * 64;
  int64_t place = 0;
  for (int64_t b = 0; b < w->blocks; b++) {
    const v16 d = half_vector(scale + 32 * b);
    if (T == 1) FETCH(p, 8);
    i16v dots[T], coarse[T];
#pragma clang loop unroll(full)
    for (int t = 0; t < T; t++) {
      dots[t] = (i16v)(-128 * totals[t * x->blocks + b]);
      coarse[t] = (i16v)(0);
    }
    if (w->vectors == 0) {
#pragma clang loop unroll(full)
      for (int v = 0; v < 8; v++) {
        const b64 bytes = load64(p + 64 * v);
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) {
          const int8_t *a = q + t * x->stride + place + 4 * v;
          coarse[t] = dot_bytes(coarse[t], bytes, a);
          dots[t] = dot_bytes(dots[t], bytes, a + x->fine);
        }
      }
      p += 512;
      place += 32;
    } else {
      for (int v = 0; v < w->vectors[b]; v++, p += 64, place += 4) {
        const b64 bytes = load64(p);
        for (int t = 0; t < T; t++) {
          const int8_t *a = q + t * x->stride + place;
          coarse[t] = dot_bytes(coarse[t], bytes, a);
          dots[t] = dot_bytes(dots[t], bytes, a + x->fine);
        }
      }
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < T; t++)
      acc[t] += __builtin_convertvector(dots[t] + (coarse[t] << 8), v16) * (d * scales[t * x->blocks + b]);
  }
}

INLINE void group(const cajal_matrix *w, const uint8_t *p, const cajal_activity *x, int64_t token, const int T,
                  float *y, int64_t stride, int32_t add) {
  v16 acc[T];
#pragma clang loop unroll(full)
  for (int t = 0; t < T; t++) acc[t] = add ? load16(y + (token + t) * stride) : (v16)(0);
  if (w->bits == 4)
    group4(w, p, x, token, T, acc);
  else
    group8(w, p, x, token, T, acc);
#pragma clang loop unroll(full)
  for (int t = 0; t < T; t++) store16(y + (token + t) * stride, acc[t]);
}

static void KERNEL(product)(const cajal_matrix *w, int64_t first, int64_t last, const cajal_activity *x,
                            int64_t tokens, float *y, int64_t stride, int32_t add) {
  for (int64_t g = first; g < last; g++) {
    const uint8_t *p = w->groups + g * w->group_bytes;
    int64_t t = 0;
    for (; t + 8 <= tokens; t += 8) group(w, p, x, t, 8, y + 16 * g, stride, add);
    for (; t + 4 <= tokens; t += 4) group(w, p, x, t, 4, y + 16 * g, stride, add);
    for (; t < tokens; t++) group(w, p, x, t, 1, y + 16 * g, stride, add);
  }
}

static void KERNEL(quantise)(const float *x, const cajal_activity *a, int64_t token, int64_t first, int64_t last) {
  for (int64_t b = first; b < last; b++) {
    const v16 low = load16(x + 32 * b), high = load16(x + 32 * b + 16);
    const float top = __builtin_reduce_max(
        __builtin_elementwise_max(__builtin_elementwise_abs(low), __builtin_elementwise_abs(high)));
    const float scale = top / 32512, inverse = top > 0 ? 32512 / top : 0;
    const v16 halves[2] = {low, high};
    int32_t total = 0;
    int8_t *place = a->values + token * a->stride + 32 * b;
    for (int h = 0; h < 2; h++, place += 16) {
      const i16v whole = __builtin_convertvector(__builtin_elementwise_roundeven(halves[h] * inverse), i16v);
      const i16v coarse = (whole + 128) >> 8;
      const c16 upper = __builtin_convertvector(coarse, c16);
      const c16 lower = __builtin_convertvector(whole - (coarse << 8), c16);
      __builtin_memcpy(place, &upper, 16);
      __builtin_memcpy(place + a->fine, &lower, 16);
      total += __builtin_reduce_add(whole);
    }
    a->scales[token * a->blocks + b] = scale;
    a->totals[token * a->blocks + b] = total;
    a->sums[token * a->blocks + b] = scale * (float)total;
  }
}

INLINE float sum16(v16 v) {
  const v8 a = v.lo + v.hi;
  const v4 b = a.lo + a.hi;
  return b[0] + b[1] + b[2] + b[3];
}

static void KERNEL(rms_norm)(const float *x, const float *w, float epsilon, int64_t count, float *y) {
  v16 squares = (v16)(0);
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) squares += load16(x + i) * load16(x + i);
  float sum = sum16(squares);
  for (; i < count; i++) sum += x[i] * x[i];
  const float factor = 1 / __builtin_sqrtf(sum / (float)count + epsilon);
  for (i = 0; i < count; i++) y[i] = x[i] * factor * w[i];
}

// exp, to about 2e-7 relative; Cephes' polynomial.
INLINE v16 exp16(v16 x) {
  x = __builtin_elementwise_min(__builtin_elementwise_max(x, (v16)(-87.0f)), (v16)(88.0f));
  const v16 n = __builtin_elementwise_roundeven(x * 1.44269504088896341f);
  x = x - n * 0.693359375f;
  x = x + n * 2.12194440e-4f;
  v16 p = (v16)(1.9875691500e-4f);
  p = p * x + 1.3981999507e-3f;
  p = p * x + 8.3334519073e-3f;
  p = p * x + 4.1665795894e-2f;
  p = p * x + 1.6666665459e-1f;
  p = p * x + 5.0000001201e-1f;
  p = p * x * x + x + 1.0f;
  const i16v power = (__builtin_convertvector(n, i16v) + 127) << 23;
  return p * (v16)power;
}

static void KERNEL(gated)(float *gate, const float *up, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) {
    const v16 g = load16(gate + i);
    store16(gate + i, g / (1.0f + exp16(-g)) * load16(up + i));
  }
}

static void KERNEL(rotate)(float *x, int64_t count, const float *table, int64_t width, int64_t offset) {
  for (int64_t i = 0; i < count; i += 2) {
    const int64_t pair = (offset + i) % width / 2;
    const float c = table[pair], s = table[width / 2 + pair];
    const float a = x[i], b = x[i + 1];
    x[i] = a * c - b * s;
    x[i + 1] = a * s + b * c;
  }
}

// Scores of R queries with all keys of the blocks of 16 positions below `length`.
INLINE void scores_of(const float *q, const int R, int64_t length, const uint16_t *keys, int64_t width, float *scores,
                      int64_t stride) {
  for (int64_t block = 0; block * 16 < length; block++) {
    v16 acc[R];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) acc[r] = (v16)(0);
    const uint16_t *k = keys + block * width * 16;
    for (int64_t e = 0; e < width; e++) {
      const v16 key = half_vector(k + e * 16);
#pragma clang loop unroll(full)
      for (int r = 0; r < R; r++) acc[r] += key * q[r * width + e];
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) store16(scores + r * stride + block * 16, acc[r]);
  }
}

// Makes shares of scores; what lies behind `length` becomes 0.
INLINE void softmax(float *scores, int64_t length) {
  const int64_t full = (length + 15) / 16 * 16;
  for (int64_t i = length; i < full; i++) scores[i] = -1e30f;
  v16 top = load16(scores);
  for (int64_t i = 16; i < full; i += 16) top = __builtin_elementwise_max(top, load16(scores + i));
  const float most = __builtin_reduce_max(top);
  v16 sum = (v16)(0);
  for (int64_t i = 0; i < full; i += 16) {
    const v16 e = exp16(load16(scores + i) - most);
    store16(scores + i, e);
    sum += e;
  }
  for (int64_t i = length; i < full; i++) {
    sum[i % 16] -= scores[i];
    scores[i] = 0;
  }
  const float factor = 1 / sum16(sum);
  for (int64_t i = 0; i < full; i += 16) store16(scores + i, load16(scores + i) * factor);
}

// y[r, 16·first …] = sum over positions of share · value, for C vectors of the head.
INLINE void mixed(const float *scores, const int R, const int C, int64_t stride, int64_t length, const uint16_t *values,
                  int64_t width, float *y) {
  v16 acc[R][C];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) acc[r][c] = (v16)(0);
  for (int64_t s = 0; s < length; s++) {
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) {
      const v16 v = half_vector(values + s * width + 16 * c);
#pragma clang loop unroll(full)
      for (int r = 0; r < R; r++) acc[r][c] += v * scores[r * stride + s];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) store16(y + r * width + 16 * c, acc[r][c]);
}

INLINE void attend_rows(const float *q, const int R, const int32_t *lengths, const uint16_t *keys,
                        const uint16_t *values, int64_t width, float *scores, int64_t stride, float *y) {
  int64_t longest = 0;
  for (int r = 0; r < R; r++) longest = lengths[r] > longest ? lengths[r] : longest;
  scores_of(q, R, longest, keys, width, scores, stride);
  for (int r = 0; r < R; r++) {
    softmax(scores + r * stride, lengths[r]);
    for (int64_t i = (lengths[r] + 15) / 16 * 16; i < longest; i++) scores[r * stride + i] = 0;
  }
  int64_t c = 0;
  if (R <= 3)
    for (; c + 64 <= width; c += 64) mixed(scores, R, 4, stride, longest, values + c, width, y + c);
  for (; c < width; c += 16) mixed(scores, R, 1, stride, longest, values + c, width, y + c);
}

static void KERNEL(attend)(const float *queries, int64_t rows, const int32_t *lengths, const uint16_t *keys,
                           const uint16_t *values, int64_t width, float *scores, int64_t stride, float *y) {
  int64_t r = 0;
#define ROWS(R)                                                                                                        \
  for (; r + R <= rows; r += R)                                                                                        \
    attend_rows(queries + r * width, R, lengths + r, keys, values, width, scores + r * stride, stride, y + r * width);
  ROWS(12)
  ROWS(3)
  ROWS(1)
#undef ROWS
}

static void KERNEL(halves)(const float *x, uint16_t *y, int64_t count) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const h16 h = __builtin_convertvector(load16(x + i), h16);
    __builtin_memcpy(y + i, &h, 32);
  }
  for (; i < count; i++) {
    const _Float16 h = (_Float16)x[i];
    __builtin_memcpy(y + i, &h, 2);
  }
}

const cajal_kernel_table KERNEL(table) = {KERNEL(product), KERNEL(quantise), KERNEL(rms_norm), KERNEL(gated),
                                          KERNEL(rotate),  KERNEL(attend),   KERNEL(halves)};
