#if !__has_include(<mpi.h>)
#error "MPI was not found: 'make setup' installs Open MPI (libopenmpi-dev, openmpi-bin)."
#endif
#include <mpi.h>

#include "../CMPI/include/cmpi.h"

static int start(int *rank, int *count) {
  int provided, there;
  int code = MPI_Initialized(&there);
  if (code == MPI_SUCCESS && !there) code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  if (code != MPI_SUCCESS) return code;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  return code != MPI_SUCCESS ? code : MPI_Comm_size(MPI_COMM_WORLD, count);
}

static int gather_all(const int32_t *mine, int length, int32_t *all) {
  return MPI_Allgather(mine, length, MPI_INT32_T, all, length, MPI_INT32_T, MPI_COMM_WORLD);
}

static int gather_all_varying(
    const int32_t *mine, int length, int32_t *all, const int *lengths, const int *places) {
  return MPI_Allgatherv(mine, length, MPI_INT32_T, all, lengths, places, MPI_INT32_T, MPI_COMM_WORLD);
}

static int gather(const void *mine, int length, void *all, const int *lengths, const int *places) {
  return MPI_Gatherv(mine, length, MPI_BYTE, all, lengths, places, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static int broadcast(void *bytes, int length, int root) {
  return MPI_Bcast(bytes, length, MPI_BYTE, root, MPI_COMM_WORLD);
}

static int barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

static int finish(void) {
  int done;
  return MPI_Finalized(&done) == MPI_SUCCESS && !done ? MPI_Finalize() : 0;
}

static void end_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static void error(int code, char *text, int length) {
  char whole[MPI_MAX_ERROR_STRING];
  int size = 0;
  if (MPI_Error_string(code, whole, &size) != MPI_SUCCESS) size = 0;
  if (size > length - 1) size = length - 1;
  for (int i = 0; i < size; i++) text[i] = whole[i];
  text[size] = 0;
}

static const struct cm_slots table = {
    start, gather_all, gather_all_varying, gather, broadcast, barrier, finish, end_all, error};

/// The table, if the caller was built for one of this size.
__attribute__((visibility("default"))) const struct cm_slots *cajal_mpi_slots(size_t size) {
  return size == sizeof table ? &table : 0;
}
