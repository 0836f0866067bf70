// Making tensors, reading what they hold, random draws.
#include "backend.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

namespace backend {

static const at::ScalarType types[] = {
    at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar, at::kByte,
    at::kBool, at::kComplexFloat, at::kComplexDouble};

at::ScalarType scalarType(int type) {
  TORCH_CHECK(type >= 0 && type <= ct_complex128, "unknown element type ", type);
  return types[type];
}

int typeCode(at::ScalarType type) {
  for (int i = 0; i <= ct_complex128; i++)
    if (types[i] == type) return i;
  return -1;
}

static at::TensorOptions options(int type, int index = ct_cpu) {
  return at::TensorOptions().dtype(scalarType(type)).device(device(index));
}

static at::Generator generator(uint64_t seed) { return at::detail::createCPUGenerator(seed); }

const char *version() { return TORCH_VERSION; }

int set_threads(int count) {
  return done([&] { at::set_num_threads(count); });
}

int cuda_available() {
  return guarded<int>(0, [&] { return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0; });
}

ct_tensor from_blob(void *data, const int64_t *shape, int rank, int type, ct_release release, void *context) {
  return tensor([&] {
    return at::from_blob(data, list(shape, rank), [release, context](void *) { release(context); }, options(type));
  });
}
ct_tensor full(const int64_t *shape, int rank, double value, int type, int index) {
  return tensor([&] { return at::full(list(shape, rank), value, options(type, index)); });
}
ct_tensor empty(const int64_t *shape, int rank, int type, int index) {
  return tensor([&] { return at::empty(list(shape, rank), options(type, index)); });
}
ct_tensor arange(double from, double to, double step, int type) {
  return tensor([&] { return at::arange(from, to, step, options(type)); });
}
ct_tensor linspace(double from, double to, int64_t count, int type) {
  return tensor([&] { return at::linspace(from, to, count, options(type)); });
}
ct_tensor eye(int64_t rows, int64_t columns, int type) {
  return tensor([&] { return at::eye(rows, columns, options(type)); });
}

ct_tensor random_normal(const int64_t *shape, int rank, int type, uint64_t seed) {
  return tensor([&] { return at::randn(list(shape, rank), generator(seed), options(type)); });
}
ct_tensor random_uniform(const int64_t *shape, int rank, int type, uint64_t seed) {
  return tensor([&] { return at::rand(list(shape, rank), generator(seed), options(type)); });
}
ct_tensor random_integers(int64_t low, int64_t high, const int64_t *shape, int rank, uint64_t seed) {
  return tensor([&] { return at::randint(low, high, list(shape, rank), generator(seed), options(ct_int64)); });
}
ct_tensor bernoulli(ct_tensor probability, uint64_t seed) {
  return tensor([&] { return at::bernoulli(read(probability), generator(seed)); });
}
ct_tensor poisson(ct_tensor rate, uint64_t seed) {
  return tensor([&] { return at::poisson(read(rate), generator(seed)); });
}
ct_tensor multinomial(ct_tensor weights, int64_t count, int replacement, uint64_t seed) {
  return tensor([&] { return at::multinomial(read(weights), count, replacement != 0, generator(seed)); });
}
ct_tensor random_permutation(int64_t count, uint64_t seed) {
  return tensor([&] { return at::randperm(count, generator(seed), options(ct_int64)); });
}

ct_tensor share(ct_tensor x) { return own(read(x)); }
void free(ct_tensor x) { c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(reinterpret_cast<at::TensorImpl *>(x)); }

int rank(ct_tensor x) { return static_cast<int>(read(x).dim()); }
int64_t count(ct_tensor x) { return read(x).numel(); }
int shape(ct_tensor x, int64_t *out) {
  return done([&] { std::copy(read(x).sizes().begin(), read(x).sizes().end(), out); });
}
int strides(ct_tensor x, int64_t *out) {
  return done([&] { std::copy(read(x).strides().begin(), read(x).strides().end(), out); });
}
int type(ct_tensor x) { return typeCode(read(x).scalar_type()); }
int device(ct_tensor x) { return read(x).is_cuda() ? read(x).get_device() : ct_cpu; }
int is_contiguous(ct_tensor x) { return read(x).is_contiguous(); }
void *data(ct_tensor x) {
  return guarded<void *>(nullptr, [&] { return read(x).data_ptr(); });
}
double item(ct_tensor x) {
  return guarded<double>(0, [&] { return read(x).item().toDouble(); });
}
int64_t item_integer(ct_tensor x) {
  return guarded<int64_t>(0, [&] { return read(x).item().toLong(); });
}
ct_tensor to_type(ct_tensor x, int type) {
  return tensor([&] { return read(x).to(scalarType(type)); });
}
ct_tensor to_device(ct_tensor x, int index) {
  return tensor([&] { return read(x).to(device(index)); });
}
ct_tensor contiguous(ct_tensor x, int channels_last) {
  return tensor([&] { return read(x).contiguous(channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous); });
}
ct_tensor view_type(ct_tensor x, int type) {
  return tensor([&] { return read(x).view(scalarType(type)); });
}

}  // namespace backend
