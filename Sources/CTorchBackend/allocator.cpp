// Memory for tensors on the CPU: blocks that were freed are kept by size and given out again. Small networks
// spend a fifth of their time in the system's allocator, large ones in the page faults of fresh memory.
#include "backend.h"

#include <c10/core/CPUAllocator.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

namespace backend {
namespace {

/// Before each block: its class. One cache line, so that the elements stay aligned to one.
constexpr size_t header = 64;
/// Four sizes between one power of two and the next, from 64 bytes to 64 MiB; larger blocks are not kept.
constexpr int classes = 4 * 20 + 1;
constexpr int notKept = classes;
/// How many bytes are kept at most.
constexpr size_t limit = size_t(256) << 20;

struct Block {
  Block *next;
};

/// Held for a few instructions only: waiting for it in the kernel would cost more than the work it guards.
class Lock {
 public:
  void lock() {
    while (flag.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  void unlock() { flag.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag = ATOMIC_FLAG_INIT;
};

struct Shelf {
  Lock lock;
  Block *first = nullptr;
};

Shelf shelves[classes];
std::atomic<size_t> kept{0};

struct SizeClass {
  int index;
  size_t bytes;
};

SizeClass classOf(size_t bytes) {
  if (bytes <= 64) return {0, 64};
  int exponent = 63 - __builtin_clzll(bytes - 1);
  size_t base = size_t(1) << exponent, step = base / 4, quarter = (bytes - 1 - base) / step;
  int index = (exponent - 6) * 4 + static_cast<int>(quarter) + 1;
  if (index >= classes) return {notKept, bytes};
  return {index, base + (quarter + 1) * step};
}

size_t bytesOf(int index) { return static_cast<size_t>(4 + index % 4) << (index / 4 + 4); }

char *fresh(size_t bytes) {
  void *memory = nullptr;
  return posix_memalign(&memory, 64, bytes + header) == 0 ? static_cast<char *>(memory) : nullptr;
}

/// Gives all kept blocks back to the system.
void releaseAll() {
  for (int index = 0; index < classes; index++) {
    std::lock_guard<Lock> guard(shelves[index].lock);
    while (Block *block = shelves[index].first) {
      shelves[index].first = block->next;
      kept -= bytesOf(index);
      std::free(reinterpret_cast<char *>(block) - header);
    }
  }
}

void *take(size_t bytes) {
  if (bytes == 0) return nullptr;
  SizeClass size = classOf(bytes);
  if (size.index != notKept) {
    Shelf &shelf = shelves[size.index];
    std::lock_guard<Lock> guard(shelf.lock);
    if (Block *block = shelf.first) {
      shelf.first = block->next;
      kept.fetch_sub(size.bytes, std::memory_order_relaxed);
      return block;
    }
  }
  char *memory = fresh(size.bytes);
  if (!memory) {
    releaseAll();
    memory = fresh(size.bytes);
  }
  TORCH_CHECK(memory, "not enough memory: ", bytes, " bytes were asked for");
  std::memcpy(memory, &size.index, sizeof size.index);
  return memory + header;
}

void give(void *pointer) {
  if (!pointer) return;
  char *memory = static_cast<char *>(pointer) - header;
  int index;
  std::memcpy(&index, memory, sizeof index);
  if (index == notKept || kept.load(std::memory_order_relaxed) + bytesOf(index) > limit) return std::free(memory);
  Shelf &shelf = shelves[index];
  std::lock_guard<Lock> guard(shelf.lock);
  Block *block = static_cast<Block *>(pointer);
  block->next = shelf.first;
  shelf.first = block;
  kept.fetch_add(bytesOf(index), std::memory_order_relaxed);
}

struct KeepingAllocator final : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2
  c10::DataPtr allocate(size_t bytes) override { return block(bytes); }
  void copy_data(void *to, const void *from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
#else
  c10::DataPtr allocate(size_t bytes) const override { return block(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return give; }

 private:
  static c10::DataPtr block(size_t bytes) {
    void *pointer = take(bytes);
    return {pointer, pointer, give, c10::Device(c10::kCPU)};
  }
};

}  // namespace

void useKeepingAllocator() {
  // Never destroyed: tensors may outlive it at exit.
  static KeepingAllocator *allocator = new KeepingAllocator;
  c10::SetCPUAllocator(allocator, 1);
}

}  // namespace backend
