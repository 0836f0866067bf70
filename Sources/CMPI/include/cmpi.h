// A C interface to MPI. The backend, a shared library of its own, is loaded where the program was started by mpirun:
// others do not pay for MPI, nor need it.
//
// Functions return 0, or a code of MPI that cm_error explains. All ranks must call the same functions in the same order,
// one thread at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What the backend fills.
struct cm_slots {
  int (*start)(int *rank, int *count);
  /// `length` numbers of every rank, in their order.
  int (*gather_all)(const int32_t *mine, int length, int32_t *all);
  /// `lengths[r]` numbers of rank r, which go to `all + places[r]`.
  int (*gather_all_varying)(const int32_t *mine, int length, int32_t *all, const int *lengths, const int *places);
  /// As above, bytes, to rank 0 only.
  int (*gather)(const void *mine, int length, void *all, const int *lengths, const int *places);
  int (*broadcast)(void *bytes, int length, int root);
  int (*barrier)(void);
  int (*finish)(void);
  void (*abort)(int status);
  void (*error)(int code, char *text, int length);
};

/// Loads the backend from `path`. Returns NULL, or what went wrong.
const char *cm_load(const char *path);
/// The file that this code was loaded from: the program or library beside which the backend lies.
const char *cm_image(void);

/// Joins the others. From now on an exit with a status other than 0 ends them, too: none waits for one that is gone.
int cm_start(int *rank, int *count);
int cm_gather_all(const int32_t *mine, int length, int32_t *all);
int cm_gather_all_varying(const int32_t *mine, int length, int32_t *all, const int *lengths, const int *places);
int cm_gather(const void *mine, int length, void *all, const int *lengths, const int *places);
int cm_broadcast(void *bytes, int length, int root);
int cm_barrier(void);
void cm_error(int code, char *text, int length);
