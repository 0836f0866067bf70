#define _GNU_SOURCE
#include "cmpi.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cm_slots *slots;

const char *cm_load(const char *path) {
  static char message[1024];
  // MPI loads components of its own, which look for its symbols.
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    snprintf(message, sizeof message, "%s", dlerror());
    return message;
  }
  const struct cm_slots *(*table)(size_t) = (const struct cm_slots *(*)(size_t))dlsym(library, "cajal_mpi_slots");
  slots = table ? table(sizeof(struct cm_slots)) : NULL;
  if (slots) return NULL;
  snprintf(message, sizeof message, "%s is of another version of Cajal", path);
  return message;
}

const char *cm_image(void) {
  Dl_info info;
  return dladdr((void *)cm_load, &info) ? info.dli_fname : "";
}

// MPI's own end waits for all ranks. After a failure they would wait for messages of this one forever.
static void leave(int status, void *unused) {
  (void)unused;
  if (status == 0) {
    slots->finish();
  } else {
    fflush(NULL);
    slots->abort(status);
  }
}

int cm_start(int *rank, int *count) {
  int code = slots->start(rank, count);
  if (code == 0) on_exit(leave, NULL);
  return code;
}

int cm_gather_all(const int32_t *mine, int length, int32_t *all) { return slots->gather_all(mine, length, all); }
int cm_gather_all_varying(const int32_t *mine, int length, int32_t *all, const int *lengths, const int *places) {
  return slots->gather_all_varying(mine, length, all, lengths, places);
}
int cm_gather(const void *mine, int length, void *all, const int *lengths, const int *places) {
  return slots->gather(mine, length, all, lengths, places);
}
int cm_broadcast(void *bytes, int length, int root) { return slots->broadcast(bytes, length, root); }
int cm_barrier(void) { return slots->barrier(); }
void cm_error(int code, char *text, int length) { slots->error(code, text, length); }
