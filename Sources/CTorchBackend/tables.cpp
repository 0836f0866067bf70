// The functions that the tables define by pattern, and the slots.
#include "backend.h"

namespace backend {

static thread_local std::string lastError;
void fail(const char *message) { lastError = message; }
static const char *error() { return lastError.c_str(); }

static std::vector<int64_t> axesOf(const Tensor &x, const int64_t *axes, int n) {
  if (n > 0) return {axes, axes + n};
  std::vector<int64_t> all(x.dim());
  for (int64_t i = 0; i < x.dim(); i++) all[i] = i;
  return all;
}

namespace pattern {
#define CT_D1(name) \
  static ct_tensor name(ct_tensor x) { return tensor([&] { return at::name(read(x)); }); }
#define CT_D2(name) \
  static ct_tensor name(ct_tensor x, ct_tensor y) { return tensor([&] { return at::name(read(x), read(y)); }); }
#define CT_DS(name) \
  static ct_tensor name##_scalar(ct_tensor x, double s) { return tensor([&] { return at::name(read(x), scalar(read(x), s)); }); }
#define CT_DI(name) \
  static int name##_(ct_tensor x, ct_tensor y) { return done([&] { edit(x).name##_(read(y)); }); }
#define CT_DIS(name) \
  static int name##_scalar_(ct_tensor x, double s) { return done([&] { edit(x).name##_(scalar(read(x), s)); }); }
#define CT_DR(name) \
  static ct_tensor name(ct_tensor x, const int64_t *axes, int n, int keep) { \
    return tensor([&] { return at::name(read(x), axesOf(read(x), axes, n), keep != 0); }); \
  }
#define CT_DR1(name) \
  static ct_tensor name(ct_tensor x, int64_t axis, int keep) { return tensor([&] { return at::name(read(x), axis, keep != 0); }); }
#define CT_DA(name) \
  static ct_tensor name(ct_tensor x, int64_t axis) { return tensor([&] { return at::name(read(x), axis); }); }
#define CT_DN(name) \
  static ct_tensor name(ct_tensor x, const int64_t *values, int n) { return tensor([&] { return read(x).name(list(values, n)); }); }
CT_UNARY(CT_D1)
CT_BINARY(CT_D2)
CT_SCALAR(CT_DS)
CT_INPLACE(CT_DI)
CT_INPLACE_SCALAR(CT_DIS)
CT_REDUCE(CT_DR)
CT_REDUCE_ONE(CT_DR1)
CT_AXIS(CT_DA)
CT_INTEGERS(CT_DN)
}  // namespace pattern

#define CT_T(name) pattern::name,
#define CT_TS(name) pattern::name##_scalar,
#define CT_TI(name) pattern::name##_,
#define CT_TIS(name) pattern::name##_scalar_,
#define CT_TO(result, name, parameters, arguments) backend::name,
static const ct_slots table = {
    error,
    CT_UNARY(CT_T) CT_BINARY(CT_T) CT_SCALAR(CT_TS) CT_INPLACE(CT_TI) CT_INPLACE_SCALAR(CT_TIS)
    CT_REDUCE(CT_T) CT_REDUCE_ONE(CT_T) CT_AXIS(CT_T) CT_INTEGERS(CT_T) CT_OTHER(CT_TO)
};

}  // namespace backend

/// The table, if the caller was built for one of this size.
extern "C" __attribute__((visibility("default"))) const ct_slots *cajal_torch_slots(size_t size) {
  if (size != sizeof(ct_slots)) return nullptr;
  backend::useKeepingAllocator();
  return &backend::table;
}
