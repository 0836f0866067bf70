// Convolution, pooling, normalisation, recurrent layers and losses.
#include "backend.h"

#include <ATen/core/Reduction.h>

namespace backend {

static int64_t reductionOf(int reduction) {
  return reduction == 0 ? at::Reduction::None : reduction == 1 ? at::Reduction::Mean : at::Reduction::Sum;
}

ct_tensor convolution(ct_tensor x, ct_tensor weight, ct_tensor bias, const int64_t *stride, const int64_t *padding, const int64_t *dilation, const int64_t *output_padding, int n, int transposed, int64_t groups) {
  return tensor([&] {
    return at::convolution(
        read(x), read(weight), maybe(bias), list(stride, n), list(padding, n), list(dilation, n), transposed != 0,
        list(output_padding, n), groups);
  });
}

ct_tensor max_pool(ct_tensor x, const int64_t *kernel, const int64_t *stride, const int64_t *padding, int n) {
  return tensor([&] {
    auto k = list(kernel, n), s = list(stride, n), p = list(padding, n);
    return n == 1 ? at::max_pool1d(read(x), k, s, p) : n == 2 ? at::max_pool2d(read(x), k, s, p) : at::max_pool3d(read(x), k, s, p);
  });
}
ct_tensor average_pool(ct_tensor x, const int64_t *kernel, const int64_t *stride, const int64_t *padding, int n) {
  return tensor([&] {
    auto k = list(kernel, n), s = list(stride, n), p = list(padding, n);
    return n == 1 ? at::avg_pool1d(read(x), k, s, p) : n == 2 ? at::avg_pool2d(read(x), k, s, p) : at::avg_pool3d(read(x), k, s, p);
  });
}
ct_tensor adaptive_average_pool(ct_tensor x, const int64_t *size, int n) {
  return tensor([&] {
    auto s = list(size, n);
    return n == 1 ? at::adaptive_avg_pool1d(read(x), s) : n == 2 ? at::adaptive_avg_pool2d(read(x), s) : at::adaptive_avg_pool3d(read(x), s);
  });
}

ct_tensor interpolate(ct_tensor x, const int64_t *size, int n, int mode, int align) {
  return tensor([&]() -> Tensor {
    auto s = list(size, n);
    bool corners = align != 0;
    if (mode == 0)
      return n == 1 ? at::upsample_nearest1d(read(x), s) : n == 2 ? at::upsample_nearest2d(read(x), s) : at::upsample_nearest3d(read(x), s);
    TORCH_CHECK(mode == 1 || n == 2, "bicubic interpolation is for two spatial axes, not ", n);
    if (mode == 2) return at::upsample_bicubic2d(read(x), s, corners);
    return n == 1 ? at::upsample_linear1d(read(x), s, corners)
                  : n == 2 ? at::upsample_bilinear2d(read(x), s, corners) : at::upsample_trilinear3d(read(x), s, corners);
  });
}
ct_tensor grid_sample(ct_tensor x, ct_tensor grid, int mode, int padding, int align) {
  return tensor([&] { return at::grid_sampler(read(x), read(grid), mode, padding, align != 0); });
}

ct_tensor batch_norm(ct_tensor x, ct_tensor weight, ct_tensor bias, ct_tensor mean, ct_tensor var, int training, double momentum, double epsilon) {
  return tensor([&] {
    return at::batch_norm(
        read(x), maybe(weight), maybe(bias), maybe(mean), maybe(var), training != 0, momentum, epsilon, false);
  });
}
ct_tensor layer_norm(ct_tensor x, const int64_t *shape, int n, ct_tensor weight, ct_tensor bias, double epsilon) {
  return tensor([&] { return at::layer_norm(read(x), list(shape, n), maybe(weight), maybe(bias), epsilon); });
}
ct_tensor group_norm(ct_tensor x, int64_t groups, ct_tensor weight, ct_tensor bias, double epsilon) {
  return tensor([&] { return at::group_norm(read(x), groups, maybe(weight), maybe(bias), epsilon); });
}
ct_tensor embedding(ct_tensor weight, ct_tensor index) {
  return tensor([&] { return at::embedding(read(weight), read(index)); });
}
ct_tensor one_hot(ct_tensor x, int64_t classes) {
  return tensor([&] { return at::one_hot(read(x), classes); });
}

ct_tensor cross_entropy(ct_tensor logits, ct_tensor target, ct_tensor weight, int64_t ignore, double smoothing, int reduction) {
  return tensor([&] {
    return at::cross_entropy_loss(read(logits), read(target), maybe(weight), reductionOf(reduction), ignore, smoothing);
  });
}
ct_tensor nll_loss(ct_tensor x, ct_tensor target, int reduction) {
  return tensor([&] { return at::nll_loss(read(x), read(target), {}, reductionOf(reduction)); });
}
ct_tensor binary_cross_entropy(ct_tensor logits, ct_tensor target, ct_tensor weight, int reduction) {
  return tensor([&] {
    return at::binary_cross_entropy_with_logits(read(logits), read(target), maybe(weight), {}, reductionOf(reduction));
  });
}
ct_tensor mse_loss(ct_tensor x, ct_tensor y, int reduction) {
  return tensor([&] { return at::mse_loss(read(x), read(y), reductionOf(reduction)); });
}
ct_tensor l1_loss(ct_tensor x, ct_tensor y, int reduction) {
  return tensor([&] { return at::l1_loss(read(x), read(y), reductionOf(reduction)); });
}
ct_tensor huber_loss(ct_tensor x, ct_tensor y, double delta, int reduction) {
  return tensor([&] { return at::huber_loss(read(x), read(y), reductionOf(reduction), delta); });
}
ct_tensor kl_div(ct_tensor x, ct_tensor y, int reduction, int log_target) {
  return tensor([&] { return at::kl_div(read(x), read(y), reductionOf(reduction), log_target != 0); });
}

int lstm(ct_tensor x, ct_tensor h, ct_tensor c, const ct_tensor *weights, int n, int biases, int layers, int bidirectional, int batch_first, ct_tensor *out) {
  return done([&] {
    auto [y, hidden, cell] = at::lstm(
        read(x), {read(h), read(c)}, tensors(weights, n), biases != 0, layers, 0.0, false, bidirectional != 0,
        batch_first != 0);
    out[0] = own(y);
    out[1] = own(hidden);
    out[2] = own(cell);
  });
}
int gru(ct_tensor x, ct_tensor h, const ct_tensor *weights, int n, int biases, int layers, int bidirectional, int batch_first, ct_tensor *out) {
  return two(out, [&] {
    return at::gru(
        read(x), read(h), tensors(weights, n), biases != 0, layers, 0.0, false, bidirectional != 0, batch_first != 0);
  });
}

}  // namespace backend
