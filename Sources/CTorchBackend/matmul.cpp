// Matrix products. For plain matrices of single precision libtorch's own way to the BLAS and back through the graph costs
// more than a small product itself; a node of our own goes straight there.
#include "backend.h"
#include "products.h"

#include <ATen/EmptyTensor.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

namespace backend {
namespace {

bool isPlain(const Tensor &x) {
  return x.dim() == 2 && x.scalar_type() == at::kFloat && x.device().is_cpu() && x.layout() == at::kStrided &&
         x.is_contiguous() && x.numel() > 0 && x.numel() < (int64_t(1) << 31);
}

/// `op(x) op(y)` of plain matrices; undefined where no library was found. No graph is recorded.
Tensor product(const Tensor &x, bool transX, const Tensor &y, bool transY) {
  int m = static_cast<int>(x.size(transX ? 1 : 0)), k = static_cast<int>(x.size(transX ? 0 : 1));
  int n = static_cast<int>(y.size(transY ? 0 : 1));
  Tensor out = at::detail::empty_cpu({m, n}, at::kFloat);
  bool done = cajal_sgemm(
      transY ? 'T' : 'N', transX ? 'T' : 'N', n, m, k, 1, y.data_ptr<float>(), static_cast<int>(y.size(1)),
      x.data_ptr<float>(), static_cast<int>(x.size(1)), 0, out.data_ptr<float>(), n);
  return done ? out : Tensor();
}

struct ProductNode : torch::autograd::Node {
  torch::autograd::SavedVariable x, y;

  ProductNode(const Tensor &x, const Tensor &y) : x(x, false), y(y, false) {}

  std::string name() const override { return "ProductNode"; }
  void release_variables() override {
    x.reset_data();
    y.reset_data();
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override {
    torch::autograd::variable_list out(2);
    const Tensor &gradient = gradients[0];
    if (!gradient.defined()) return out;
    Tensor a = x.unpack(), b = y.unpack();
    bool plain = !at::GradMode::is_enabled() && isPlain(gradient);
    if (task_should_compute_output(0)) out[0] = plain ? product(gradient, false, b, true) : gradient.matmul(b.t());
    if (task_should_compute_output(1)) out[1] = plain ? product(a, true, gradient, false) : a.t().matmul(gradient);
    return out;
  }
};

}  // namespace

ct_tensor matmul(ct_tensor left, ct_tensor right) {
  return tensor([&]() -> Tensor {
    const Tensor &x = read(left), &y = read(right);
    if (!isPlain(x) || !isPlain(y) || x.size(1) != y.size(0)) return at::matmul(x, y);
    Tensor out = product(x, false, y, false);
    if (!out.defined()) return at::matmul(x, y);
    if (at::GradMode::is_enabled() && (x.requires_grad() || y.requires_grad())) {
      auto node = makeNode<ProductNode>(x, y);
      node->set_next_edges(torch::autograd::collect_next_edges(x, y));
      torch::autograd::set_history(out, node);
    }
    return out;
  });
}

}  // namespace backend
