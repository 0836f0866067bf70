// Where threads of one piece of work meet: they spin for a moment, then sleep, so that on shared cores whoever is awaited
// gets the core of whoever waits.
#if defined(__linux__)
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <sched.h>
#endif
#include "include/cquantised.h"
#include <stdatomic.h>

typedef struct {
  _Atomic int32_t arrived, phase, sleeping;
} barrier;

static void sleep_while(_Atomic int32_t *word, int32_t value) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
#else
  (void)word, (void)value;
  sched_yield();
#endif
}

static void wake_all(_Atomic int32_t *word) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
#else
  (void)word;
#endif
}

void cajal_meet(int32_t words[4], int32_t count) {
  barrier *b = (barrier *)words;
  const int32_t phase = atomic_load(&b->phase);
  if (atomic_fetch_add(&b->arrived, 1) + 1 == count) {
    atomic_store(&b->arrived, 0);
    atomic_store(&b->phase, (int32_t)((uint32_t)phase + 1));
    if (atomic_load(&b->sleeping) > 0) wake_all(&b->phase);
    return;
  }
  for (int turn = 0; turn < 2000; turn++) {
    if (atomic_load_explicit(&b->phase, memory_order_acquire) != phase) return;
    cajal_pause();
  }
  atomic_fetch_add(&b->sleeping, 1);
  while (atomic_load(&b->phase) == phase) sleep_while(&b->phase, phase);
  atomic_fetch_sub(&b->sleeping, 1);
}
