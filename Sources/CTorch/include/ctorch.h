// A C interface to libtorch. The backend, a shared library of its own, is loaded on first use: programs
// that touch no tensor do not pay for libtorch's start.
//
// Rules of the border: results are owned by the caller and freed with ct_free; arguments are borrowed. A
// function that fails returns NULL, or a negative int, and leaves its message in ct_error(). Missing
// optional tensors are NULL. Element types and devices are small integers, see ct_type and ct_device.
#pragma once
#include <stdint.h>
#include "ctorch_table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor_impl *ct_tensor;
typedef void (*ct_release)(void *context);
/// Computes n gradients from m gradients of the outputs (NULL: zero); 0 on success.
typedef int (*ct_backward_function)(void *context, const ct_tensor *gradients, int m, ct_tensor *results, int n);

enum ct_type {
  ct_float64, ct_float32, ct_float16, ct_bfloat16, ct_int64, ct_int32, ct_int16, ct_int8, ct_uint8, ct_bool,
  ct_complex64, ct_complex128
};
enum ct_device { ct_cpu = -1, ct_cuda = 0 };

#define CT_P1(name) ct_tensor ct_##name(ct_tensor x);
#define CT_P2(name) ct_tensor ct_##name(ct_tensor x, ct_tensor y);
#define CT_PS(name) ct_tensor ct_##name##_scalar(ct_tensor x, double s);
#define CT_PI(name) int ct_##name##_(ct_tensor x, ct_tensor y);
#define CT_PIS(name) int ct_##name##_scalar_(ct_tensor x, double s);
#define CT_PR(name) ct_tensor ct_##name(ct_tensor x, const int64_t *axes, int n, int keep);
#define CT_PR1(name) ct_tensor ct_##name(ct_tensor x, int64_t axis, int keep);
#define CT_PA(name) ct_tensor ct_##name(ct_tensor x, int64_t axis);
#define CT_PN(name) ct_tensor ct_##name(ct_tensor x, const int64_t *values, int n);
#define CT_PO(result, name, parameters, arguments) result ct_##name parameters;
CT_UNARY(CT_P1) CT_BINARY(CT_P2) CT_SCALAR(CT_PS) CT_INPLACE(CT_PI) CT_INPLACE_SCALAR(CT_PIS)
CT_REDUCE(CT_PR) CT_REDUCE_ONE(CT_PR1) CT_AXIS(CT_PA) CT_INTEGERS(CT_PN) CT_OTHER(CT_PO)

/// Loads the backend from `path`, with `blas` (a list of paths joined by ':', may be empty) before it so
/// that libtorch finds them. Returns NULL, or what went wrong.
const char *ct_load(const char *path, const char *blas);

/// The file that this code was loaded from: the program or library beside which the backend lies.
const char *ct_image(void);

/// The message of the last failure on this thread.
const char *ct_error(void);

#ifdef __cplusplus
}
#endif
