// Gradients, and custom gradient functions whose backward pass is the caller's.
#include "backend.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

namespace backend {

int requires_grad(ct_tensor x) { return read(x).requires_grad(); }
int is_leaf(ct_tensor x) { return read(x).is_leaf(); }
int set_requires_grad(ct_tensor x, int on) {
  return done([&] { edit(x).set_requires_grad(on != 0); });
}
ct_tensor grad(ct_tensor x) {
  const Tensor &gradient = read(x).grad();
  return gradient.defined() ? own(gradient) : nullptr;
}
int set_grad(ct_tensor x, ct_tensor gradient) {
  return done([&] { edit(x).mutable_grad() = orUndefined(gradient); });
}
int set_data(ct_tensor x, ct_tensor y) {
  return done([&] { edit(x).set_data(read(y)); });
}

int backward(ct_tensor x, ct_tensor gradient, int keep, int create) {
  return done([&] {
    torch::autograd::variable_list seeds;
    if (gradient) seeds.push_back(read(gradient));
    torch::autograd::backward({read(x)}, seeds, keep != 0 || create != 0, create != 0);
  });
}

int gradients(const ct_tensor *outputs, int m, const ct_tensor *seeds, const ct_tensor *inputs, int n, int keep, int create, ct_tensor *out) {
  return done([&] {
    torch::autograd::variable_list given;
    if (seeds) given = tensors(seeds, m);
    auto results = torch::autograd::grad(
        tensors(outputs, m), tensors(inputs, n), given, keep != 0 || create != 0, create != 0, true);
    for (int i = 0; i < n; i++) out[i] = results[i].defined() ? own(results[i]) : nullptr;
  });
}

int grad_enabled() { return at::GradMode::is_enabled(); }
int set_grad_enabled(int on) {
  at::GradMode::set_enabled(on != 0);
  return 0;
}

namespace {
/// A node of the graph whose backward pass is a callback.
struct CallerNode : torch::autograd::Node {
  ct_backward_function callback;
  void *context;
  ct_release release;
  int inputs;

  CallerNode(ct_backward_function callback, void *context, ct_release release, int inputs)
      : callback(callback), context(context), release(release), inputs(inputs) {}
  ~CallerNode() override { letGo(); }

  std::string name() const override { return "CallerNode"; }
  void release_variables() override { letGo(); }
  void letGo() {
    if (context) release(context);
    context = nullptr;
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override {
    TORCH_CHECK(context, "the graph was used up by an earlier backward pass: compute the outputs again");
    std::vector<ct_tensor> given(gradients.size());
    for (size_t i = 0; i < gradients.size(); i++)
      given[i] = gradients[i].defined() ? reinterpret_cast<ct_tensor>(gradients[i].unsafeGetTensorImpl()) : nullptr;
    std::vector<ct_tensor> results(inputs, nullptr);
    int status = callback(context, given.data(), static_cast<int>(given.size()), results.data(), inputs);
    torch::autograd::variable_list out(inputs);
    for (int i = 0; i < inputs; i++)
      if (results[i]) {
        out[i] = read(results[i]);
        backend::free(results[i]);
      }
    TORCH_CHECK(status == 0, "a custom gradient failed");
    return out;
  }
};
}  // namespace

int custom_gradient(const ct_tensor *inputs, int n, ct_tensor *outputs, int m, ct_backward_function backward, void *context, ct_release release) {
  return guarded<int>(-1, [&] {
    auto given = tensors(inputs, n);
    bool needed = false;
    for (auto &x : given) needed = needed || (x.defined() && x.requires_grad());
    if (!needed || !at::GradMode::is_enabled()) {
      release(context);
      return 0;
    }
    auto node = makeNode<CallerNode>(backward, context, release, n);
    node->set_next_edges(torch::autograd::collect_next_edges(given));
    for (int i = 0; i < m; i++) torch::autograd::set_history(edit(outputs[i]), node);
    return 1;
  });
}

}  // namespace backend
