// The table that the backend fills: one slot a function.
#pragma once
#include "ctorch.h"

#define CT_S1(name) ct_tensor (*name)(ct_tensor x);
#define CT_S2(name) ct_tensor (*name)(ct_tensor x, ct_tensor y);
#define CT_SS(name) ct_tensor (*name##_scalar)(ct_tensor x, double s);
#define CT_SI(name) int (*name##_)(ct_tensor x, ct_tensor y);
#define CT_SIS(name) int (*name##_scalar_)(ct_tensor x, double s);
#define CT_SR(name) ct_tensor (*name)(ct_tensor x, const int64_t *axes, int n, int keep);
#define CT_SR1(name) ct_tensor (*name)(ct_tensor x, int64_t axis, int keep);
#define CT_SA(name) ct_tensor (*name)(ct_tensor x, int64_t axis);
#define CT_SN(name) ct_tensor (*name)(ct_tensor x, const int64_t *values, int n);
#define CT_SO(result, name, parameters, arguments) result(*name) parameters;

struct ct_slots {
  const char *(*error)(void);
  CT_UNARY(CT_S1) CT_BINARY(CT_S2) CT_SCALAR(CT_SS) CT_INPLACE(CT_SI) CT_INPLACE_SCALAR(CT_SIS)
  CT_REDUCE(CT_SR) CT_REDUCE_ONE(CT_SR1) CT_AXIS(CT_SA) CT_INTEGERS(CT_SN) CT_OTHER(CT_SO)
};
