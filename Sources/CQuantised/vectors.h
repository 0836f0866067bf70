#pragma once
#include "include/cquantised.h"

typedef float v16 __attribute__((ext_vector_type(16)));
typedef float v8 __attribute__((ext_vector_type(8)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef int32_t i16v __attribute__((ext_vector_type(16)));
typedef int8_t c16 __attribute__((ext_vector_type(16)));
typedef uint8_t b64 __attribute__((ext_vector_type(64)));
typedef _Float16 h16 __attribute__((ext_vector_type(16)));

typedef struct {
  void (*product)(const cajal_matrix *, int64_t, int64_t, const cajal_activity *, int64_t, float *, int64_t, int32_t);
  void (*quantise)(const float *, const cajal_activity *, int64_t, int64_t, int64_t);
  void (*rms_norm)(const float *, const float *, float, int64_t, float *);
  void (*gated)(float *, const float *, int64_t);
  void (*rotate)(float *, int64_t, const float *, int64_t, int64_t);
  void (*attend)(const float *, int64_t, const int32_t *, const uint16_t *, const uint16_t *, int64_t, float *, int64_t,
                 float *);
  void (*halves)(const float *, uint16_t *, int64_t);
} cajal_kernel_table;

extern const cajal_kernel_table cajal_plain_table;
#if defined(__x86_64__)
extern const cajal_kernel_table cajal_avx2_table;
extern const cajal_kernel_table cajal_avx512_table;
#endif
