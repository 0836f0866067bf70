// Shared by the backend's files: handles, the exception guard, lists and types.
#pragma once

#if !__has_include(<torch/version.h>)
#error "libtorch was not found: install libtorch-dev (1.13 or newer), or set LIBTORCH=/path to a folder with include/ and lib/."
#endif
#include <torch/version.h>
#if TORCH_VERSION_MAJOR < 1 || (TORCH_VERSION_MAJOR == 1 && TORCH_VERSION_MINOR < 13)
#error "This libtorch is older than 1.13, the oldest that Cajal works with: install libtorch-dev 1.13 or newer, or set LIBTORCH=/path to a newer build."
#endif
#if TORCH_VERSION_MAJOR >= 2 && __cplusplus < 202002L
#error "libtorch 2 needs C++20: set LIBTORCH=/path to its folder, which selects the language version too."
#endif

#include <ATen/ATen.h>

#include "../CTorch/include/ctorch_slots.h"

static_assert(sizeof(at::Tensor) == sizeof(void *), "a tensor is one pointer");

namespace backend {

using at::Tensor;

/// The message of the last failure on this thread.
void fail(const char *message);

/// A handle is the tensor's implementation pointer, one reference owned.
inline ct_tensor own(Tensor x) { return reinterpret_cast<ct_tensor>(x.unsafeReleaseTensorImpl()); }

/// Reads a borrowed handle without touching its count.
inline const Tensor &read(const ct_tensor &x) { return reinterpret_cast<const Tensor &>(x); }
inline Tensor &edit(ct_tensor &x) { return reinterpret_cast<Tensor &>(x); }

inline c10::optional<Tensor> maybe(const ct_tensor &x) {
  return x ? c10::optional<Tensor>(read(x)) : c10::nullopt;
}
inline Tensor orUndefined(const ct_tensor &x) { return x ? read(x) : Tensor(); }

inline at::IntArrayRef list(const int64_t *values, int n) { return {values, static_cast<size_t>(n)}; }

inline std::vector<Tensor> tensors(const ct_tensor *xs, int n) {
  std::vector<Tensor> out;
  out.reserve(n);
  for (int i = 0; i < n; i++) out.push_back(orUndefined(xs[i]));
  return out;
}

/// Whole numbers stay whole when they meet tensors of whole numbers.
inline at::Scalar scalar(const Tensor &x, double s) {
  if (!x.is_floating_point() && !x.is_complex() && s == static_cast<double>(static_cast<int64_t>(s)))
    return at::Scalar(static_cast<int64_t>(s));
  return at::Scalar(s);
}

/// Makes freed memory of tensors ready for the next ones, instead of asking the system each time.
void useKeepingAllocator();

at::ScalarType scalarType(int type);
int typeCode(at::ScalarType type);
inline at::Device device(int index) {
  return index < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<int8_t>(index));
}

/// The one exception guard: runs `body`; a C++ exception becomes `failure` and a message.
template <class Result, class Body>
Result guarded(Result failure, Body body) {
  try {
    return body();
  } catch (const c10::Error &error) {
    fail(error.what_without_backtrace());
  } catch (const std::exception &error) {
    fail(error.what());
  } catch (...) {
    fail("unknown C++ exception");
  }
  return failure;
}

template <class Body>
ct_tensor tensor(Body body) {
  return guarded<ct_tensor>(nullptr, [&] { return own(body()); });
}

template <class Body>
int done(Body body) {
  return guarded<int>(-1, [&] {
    body();
    return 0;
  });
}

/// Runs `body`, which gives a tuple of two tensors, into out[0..1].
template <class Body>
int two(ct_tensor *out, Body body) {
  return done([&] {
    auto result = body();
    out[0] = own(std::get<0>(result));
    out[1] = own(std::get<1>(result));
  });
}

/// Newer versions of libtorch count the references to a node inside it, older ones beside it.
template <class Node, class... Arguments>
auto makeNode(const Arguments &...arguments) {
  if constexpr (std::is_base_of_v<c10::intrusive_ptr_target, Node>)
    return c10::make_intrusive<Node>(arguments...);
  else
    return std::shared_ptr<Node>(new Node(arguments...), [](auto *node) { deleteNode(node); });
}

#define CT_DECLARE(result, name, parameters, arguments) result name parameters;
CT_OTHER(CT_DECLARE)

}  // namespace backend
