// Products, decompositions, Fourier transforms.
#include "backend.h"

namespace backend {

ct_tensor einsum(const char *equation, const ct_tensor *xs, int n) {
  return tensor([&] { return at::einsum(equation, tensors(xs, n)); });
}
ct_tensor linear(ct_tensor x, ct_tensor weight, ct_tensor bias) {
  return tensor([&] { return at::linear(read(x), read(weight), maybe(bias)); });
}
ct_tensor addmm(ct_tensor bias, ct_tensor x, ct_tensor y) {
  return tensor([&] { return at::addmm(read(bias), read(x), read(y)); });
}
ct_tensor linalg_solve(ct_tensor a, ct_tensor b) {
  return tensor([&] { return at::linalg_solve(read(a), read(b)); });
}
ct_tensor triangular_solve(ct_tensor a, ct_tensor b, int upper) {
  return tensor([&] { return at::linalg_solve_triangular(read(a), read(b), upper != 0); });
}
ct_tensor linalg_lstsq(ct_tensor a, ct_tensor b) {
  return tensor([&] { return std::get<0>(at::linalg_lstsq(read(a), read(b))); });
}
int linalg_qr(ct_tensor a, ct_tensor *out) {
  return two(out, [&] { return at::linalg_qr(read(a)); });
}
int linalg_svd(ct_tensor a, ct_tensor *out) {
  return done([&] {
    auto [u, s, vh] = at::linalg_svd(read(a), false);
    out[0] = own(u);
    out[1] = own(s);
    out[2] = own(vh);
  });
}
int linalg_eigh(ct_tensor a, ct_tensor *out) {
  return two(out, [&] { return at::linalg_eigh(read(a)); });
}
int linalg_slogdet(ct_tensor a, ct_tensor *out) {
  return two(out, [&] { return at::linalg_slogdet(read(a)); });
}
ct_tensor fft_rfft(ct_tensor x, int64_t axis) {
  return tensor([&] { return at::fft_rfft(read(x), c10::nullopt, axis); });
}
ct_tensor fft_irfft(ct_tensor x, int64_t count, int64_t axis) {
  return tensor([&] { return at::fft_irfft(read(x), count, axis); });
}
ct_tensor fft_fft(ct_tensor x, int64_t axis) {
  return tensor([&] { return at::fft_fft(read(x), c10::nullopt, axis); });
}
ct_tensor fft_ifft(ct_tensor x, int64_t axis) {
  return tensor([&] { return at::fft_ifft(read(x), c10::nullopt, axis); });
}
ct_tensor cosine_similarity(ct_tensor x, ct_tensor y, int64_t axis) {
  return tensor([&] { return at::cosine_similarity(read(x), read(y), axis); });
}
int addcmul_(ct_tensor x, ct_tensor a, ct_tensor b, double value) {
  return done([&] { edit(x).addcmul_(read(a), read(b), value); });
}
int addcdiv_(ct_tensor x, ct_tensor a, ct_tensor b, double value) {
  return done([&] { edit(x).addcdiv_(read(a), read(b), value); });
}
int add_scaled_(ct_tensor x, ct_tensor y, double scale) {
  return done([&] { edit(x).add_(read(y), scale); });
}

}  // namespace backend
