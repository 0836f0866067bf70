// Products of quantised matrices with quantised activity, and what a decoder needs around them.
//
// Matrices lie in groups of 16 rows, so that a vector register holds one number of each row. A group has its columns in
// blocks of 32. 4 bits: a block is 16 half-float scales, 16 half-float offsets, then 4 vectors of 64 bytes: vector v
// holds in the low halves columns 4v..4v+3 of each row, in the high halves columns 16+4v..16+4v+3; a weight is
// scale * bits + offset. 8 bits: first the scales of all blocks, 16 half floats each, then for each block 8 vectors,
// vector v with columns 4v..4v+3 of each row, as bytes from which 128 is subtracted.
#pragma once
#include <stdint.h>

typedef struct {
  const uint8_t *groups;  // where the first group begins
  int64_t group_bytes;    // from one group to the next
  int64_t blocks;         // blocks of 32 columns
  const uint8_t *vectors; // of each block how many 64-byte vectors are kept; null for all
  int32_t bits;           // 4 or 8
} cajal_matrix;

// Activity of some tokens in 16 bits, a scale for every 32 numbers: 256 times a coarse byte plus a fine one.
typedef struct {
  int8_t *values;  // [tokens, stride], the coarse bytes
  int64_t fine;    // how far behind its coarse byte a fine one lies
  float *scales;   // [tokens, blocks]
  float *sums;     // [tokens, blocks] the sum of a block's numbers
  int32_t *totals; // [tokens, blocks] the sum of a block's integers
  int64_t stride;  // bytes from one token to the next
  int64_t blocks;  // blocks a token
} cajal_activity;

// y[t, row] = (add ? y[t, row] : 0) + W x for the rows of groups first..<last.
void cajal_product(const cajal_matrix *w, int64_t first, int64_t last, const cajal_activity *x, int64_t tokens,
                   float *y, int64_t stride, int32_t add);
// Quantises activity and adds the product of the first group to y by one kind of kernels ("avx512", "avx2", "plain"), for
// tests; 0 if this processor has none of that kind.
int32_t cajal_product_by(const char *kind, const cajal_matrix *w, const float *x, const cajal_activity *a,
                         int64_t tokens, float *y, int64_t stride);
// Quantises blocks first..<last of `token`.
void cajal_quantise(const float *x, const cajal_activity *a, int64_t token, int64_t first, int64_t last);
// y = x / rms(x) * w
void cajal_rms_norm(const float *x, const float *w, float epsilon, int64_t count, float *y);
// gate[i] = silu(gate[i]) * up[i]
void cajal_gated(float *gate, const float *up, int64_t count);
// Turns adjacent pairs of `count` numbers; the table holds `width`/2 cosines, then as many sines, used again for every
// `width` numbers, from number `offset` of a head on.
void cajal_rotate(float *x, int64_t count, const float *table, int64_t width, int64_t offset);
// Attention of `rows` queries `[rows, width]` over keys `[length/16, width, 16]` and values `[length, width]` in half
// floats; row r sees lengths[r] positions. `scores` has rows * stride floats. Results `[rows, width]`.
void cajal_attend(const float *queries, int64_t rows, const int32_t *lengths, const uint16_t *keys,
                  const uint16_t *values, int64_t width, float *scores, int64_t stride, float *y);
// Half floats of floats.
void cajal_halves(const float *x, uint16_t *y, int64_t count);
// Stores keys of a position into `[…/16, width, 16]`: numbers first..<first+count of the head.
void cajal_store_keys(const float *x, int64_t count, int64_t first, int64_t position, int64_t width, uint16_t *keys);

// Packs 16 rows of blocks "scale, offset, 16 bytes" (20 bytes a block); rows[r] may be null for zeros.
void cajal_pack4(const uint8_t *const rows[16], int64_t blocks, uint8_t *group);
// Packs 16 rows of blocks "scale, 32 signed bytes" (34 bytes a block); rows[r] may be null for zeros.
void cajal_pack8(const uint8_t *const rows[16], int64_t blocks, uint8_t *group);
// Quantises `count` floats to blocks "scale, 32 signed bytes".
void cajal_blocks8(const float *x, int64_t count, uint8_t *blocks);

// Returns when `count` threads have called it with the same words, which begin as zeros.
void cajal_meet(int32_t words[4], int32_t count);

// Lets the other thread of this core work while this one waits.
static inline void cajal_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
