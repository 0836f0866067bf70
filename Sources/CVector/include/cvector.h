#pragma once
#include <stdint.h>
typedef float cajal_lanes __attribute__((ext_vector_type(16), aligned(64)));
// Writes past the caches, which for arrays larger than they are saves reading the lines first.
static inline void cajal_stream(float *target, cajal_lanes values) {
  __builtin_nontemporal_store(values, (cajal_lanes *)target);
}
// a + b c, rounded once.
static inline cajal_lanes cajal_fused(cajal_lanes a, cajal_lanes b, cajal_lanes c) {
#pragma clang fp contract(fast)
  return a + b * c;
}
// One bit for each lane where both are above zero, the first lane in the lowest.
static inline uint32_t cajal_both_positive(cajal_lanes a, cajal_lanes b) {
  typedef _Bool mask __attribute__((ext_vector_type(16)));
  union { mask lanes; uint16_t bits; } first = {__builtin_convertvector(a > 0.0f, mask)};
  union { mask lanes; uint16_t bits; } second = {__builtin_convertvector(b > 0.0f, mask)};
  return first.bits & second.bits;
}
typedef double cajal_double_lanes __attribute__((ext_vector_type(8), aligned(64)));
// One bit for each lane above one half, the first lane in the lowest.
static inline uint32_t cajal_above_half_single(cajal_lanes values) {
  typedef _Bool mask __attribute__((ext_vector_type(16)));
  union { mask lanes; uint16_t bits; } fired = {__builtin_convertvector(values > 0.5f, mask)};
  return fired.bits;
}
static inline uint32_t cajal_above_half_double(cajal_double_lanes values) {
  typedef _Bool mask __attribute__((ext_vector_type(8)));
  union { mask lanes; uint8_t bits; } fired = {__builtin_convertvector(values > 0.5, mask)};
  return fired.bits;
}
// Has this thread take numbers too small to be normal for zero, which spares slow paths of the processor where
// activity decays; returns what held before, for cajal_restore_subnormals.
static inline uint32_t cajal_flush_subnormals(void) {
#if defined(__x86_64__)
  uint32_t before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
#else
  return 0;
#endif
}
static inline void cajal_restore_subnormals(uint32_t before) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(before);
#else
  (void)before;
#endif
}
// Asks for the cache line at an address, which will be read soon.
static inline void cajal_fetch(const void *address) { __builtin_prefetch(address); }
// Whether this thread runs inside a loop that is split over threads already.
int32_t cajal_get_nested(void);
void cajal_set_nested(int32_t value);
