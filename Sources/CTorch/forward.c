#define _GNU_SOURCE
#include "ctorch.h"
#include "ctorch_slots.h"
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ct_slots *slots;

const char *ct_load(const char *path, const char *blas) {
  static char message[1024];
  // Threads of OpenMP wait for each other in a loop, by default for milliseconds: two programs on the same cores then wait
  // for threads that do not run. Two thousand turns are as fast alone, and many times faster beside another run.
  if (!getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "2000", 0);
  char one[1024];
  while (*blas) {
    size_t length = strcspn(blas, ":");
    if (length < sizeof one) {
      memcpy(one, blas, length);
      one[length] = 0;
      dlopen(one, RTLD_NOW | RTLD_LOCAL);
    }
    blas += length + (blas[length] == ':');
  }
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, sizeof message, "%s", dlerror());
    return message;
  }
  const struct ct_slots *(*table)(size_t) = (const struct ct_slots *(*)(size_t))dlsym(library, "cajal_torch_slots");
  slots = table ? table(sizeof(struct ct_slots)) : NULL;
  if (slots) return NULL;
  snprintf(message, sizeof message, "%s is of another version of Cajal", path);
  return message;
}

const char *ct_image(void) {
  Dl_info info;
  return dladdr((void *)ct_load, &info) ? info.dli_fname : "";
}

const char *ct_error(void) { return slots ? slots->error() : "libtorch is not loaded"; }

#define CT_F1(name) ct_tensor ct_##name(ct_tensor x) { return slots->name(x); }
#define CT_F2(name) ct_tensor ct_##name(ct_tensor x, ct_tensor y) { return slots->name(x, y); }
#define CT_FS(name) ct_tensor ct_##name##_scalar(ct_tensor x, double s) { return slots->name##_scalar(x, s); }
#define CT_FI(name) int ct_##name##_(ct_tensor x, ct_tensor y) { return slots->name##_(x, y); }
#define CT_FIS(name) int ct_##name##_scalar_(ct_tensor x, double s) { return slots->name##_scalar_(x, s); }
#define CT_FR(name) ct_tensor ct_##name(ct_tensor x, const int64_t *axes, int n, int keep) { return slots->name(x, axes, n, keep); }
#define CT_FR1(name) ct_tensor ct_##name(ct_tensor x, int64_t axis, int keep) { return slots->name(x, axis, keep); }
#define CT_FA(name) ct_tensor ct_##name(ct_tensor x, int64_t axis) { return slots->name(x, axis); }
#define CT_FN(name) ct_tensor ct_##name(ct_tensor x, const int64_t *values, int n) { return slots->name(x, values, n); }
#define CT_FO(result, name, parameters, arguments) result ct_##name parameters { return slots->name arguments; }

CT_UNARY(CT_F1) CT_BINARY(CT_F2) CT_SCALAR(CT_FS) CT_INPLACE(CT_FI) CT_INPLACE_SCALAR(CT_FIS)
CT_REDUCE(CT_FR) CT_REDUCE_ONE(CT_FR1) CT_AXIS(CT_FA) CT_INTEGERS(CT_FN) CT_OTHER(CT_FO)
