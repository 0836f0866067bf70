// Views, indexing, ordering, joining, reductions that the tables do not cover.
#include "backend.h"

namespace backend {

static c10::List<c10::optional<Tensor>> indexList(const ct_tensor *indices, int n) {
  c10::List<c10::optional<Tensor>> out;
  for (int i = 0; i < n; i++) out.push_back(maybe(indices[i]));
  return out;
}

ct_tensor select(ct_tensor x, int64_t axis, int64_t index) {
  return tensor([&] { return at::select(read(x), axis, index); });
}
ct_tensor as_strided(ct_tensor x, const int64_t *shape, const int64_t *strides, int rank, int64_t offset) {
  return tensor([&] { return at::as_strided(read(x), list(shape, rank), list(strides, rank), offset); });
}
ct_tensor slice(ct_tensor x, int64_t axis, int64_t from, int64_t to, int64_t step) {
  return tensor([&] { return at::slice(read(x), axis, from, to, step); });
}
ct_tensor index(ct_tensor x, const ct_tensor *indices, int n) {
  return tensor([&] { return at::index(read(x), indexList(indices, n)); });
}
int index_put_(ct_tensor x, const ct_tensor *indices, int n, ct_tensor values, int accumulate) {
  return done([&] { edit(x).index_put_(indexList(indices, n), read(values), accumulate != 0); });
}
ct_tensor index_select(ct_tensor x, int64_t axis, ct_tensor index) {
  return tensor([&] { return at::index_select(read(x), axis, read(index)); });
}
ct_tensor index_add(ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source) {
  return tensor([&] { return at::index_add(read(x), axis, read(index), read(source)); });
}
ct_tensor gather(ct_tensor x, int64_t axis, ct_tensor index) {
  return tensor([&] { return at::gather(read(x), axis, read(index)); });
}
ct_tensor scatter(ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source) {
  return tensor([&] { return at::scatter(read(x), axis, read(index), read(source)); });
}
ct_tensor scatter_add(ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source) {
  return tensor([&] { return at::scatter_add(read(x), axis, read(index), read(source)); });
}
ct_tensor where(ct_tensor condition, ct_tensor x, ct_tensor y) {
  return tensor([&] { return at::where(read(condition), read(x), read(y)); });
}
ct_tensor masked_fill(ct_tensor x, ct_tensor mask, double value) {
  return tensor([&] { return at::masked_fill(read(x), read(mask), scalar(read(x), value)); });
}
ct_tensor lerp(ct_tensor x, ct_tensor y, double weight) {
  return tensor([&] { return at::lerp(read(x), read(y), weight); });
}
ct_tensor clamp(ct_tensor x, double low, double high) {
  return tensor([&] { return at::clamp(read(x), scalar(read(x), low), scalar(read(x), high)); });
}
ct_tensor gelu(ct_tensor x, int approximate) {
  return tensor([&] { return at::gelu(read(x), approximate ? "tanh" : "none"); });
}

/// No axes means all.
static at::OptionalIntArrayRef axesOrAll(const int64_t *axes, int n) {
  at::OptionalIntArrayRef over;
  if (n) over = list(axes, n);
  return over;
}

ct_tensor var(ct_tensor x, const int64_t *axes, int n, int64_t correction, int keep) {
  return tensor([&] {
    return at::var(read(x), axesOrAll(axes, n), correction, keep != 0);
  });
}
ct_tensor norm(ct_tensor x, double p, const int64_t *axes, int n, int keep) {
  return tensor([&] {
    return at::linalg_vector_norm(read(x), p, axesOrAll(axes, n), keep != 0);
  });
}
ct_tensor quantile(ct_tensor x, ct_tensor q, int64_t axis, int keep) {
  return tensor([&] { return at::quantile(read(x), read(q), axis, keep != 0); });
}
int median_axis(ct_tensor x, int64_t axis, int keep, ct_tensor *out) {
  return two(out, [&] { return at::median(read(x), axis, keep != 0); });
}
int max_axis(ct_tensor x, int64_t axis, int keep, ct_tensor *out) {
  return two(out, [&] { return at::max(read(x), axis, keep != 0); });
}
int min_axis(ct_tensor x, int64_t axis, int keep, ct_tensor *out) {
  return two(out, [&] { return at::min(read(x), axis, keep != 0); });
}
int cummax(ct_tensor x, int64_t axis, ct_tensor *out) {
  return two(out, [&] { return at::cummax(read(x), axis); });
}
int sort(ct_tensor x, int64_t axis, int descending, ct_tensor *out) {
  return two(out, [&] { return at::sort(read(x), c10::optional<bool>(true), axis, descending != 0); });
}
int topk(ct_tensor x, int64_t k, int64_t axis, int largest, ct_tensor *out) {
  return two(out, [&] { return at::topk(read(x), k, axis, largest != 0); });
}
int unique(ct_tensor x, ct_tensor *out) {
  return done([&] {
    auto [values, inverse, counts] = at::_unique2(read(x), true, true, true);
    out[0] = own(values);
    out[1] = own(inverse);
    out[2] = own(counts);
  });
}
ct_tensor bincount(ct_tensor x, ct_tensor weights, int64_t length) {
  return tensor([&] { return at::bincount(read(x), maybe(weights), length); });
}
ct_tensor searchsorted(ct_tensor edges, ct_tensor x, int right) {
  return tensor([&] { return at::searchsorted(read(edges), read(x), false, right != 0); });
}

ct_tensor cat(const ct_tensor *xs, int n, int64_t axis) {
  return tensor([&] { return at::cat(tensors(xs, n), axis); });
}
ct_tensor stack(const ct_tensor *xs, int n, int64_t axis) {
  return tensor([&] { return at::stack(tensors(xs, n), axis); });
}
ct_tensor transpose(ct_tensor x, int64_t a, int64_t b) {
  return tensor([&] { return at::transpose(read(x), a, b); });
}
ct_tensor roll(ct_tensor x, int64_t shift, int64_t axis) {
  return tensor([&] { return at::roll(read(x), shift, axis); });
}
ct_tensor tril(ct_tensor x, int64_t diagonal) {
  return tensor([&] { return at::tril(read(x), diagonal); });
}
ct_tensor triu(ct_tensor x, int64_t diagonal) {
  return tensor([&] { return at::triu(read(x), diagonal); });
}
ct_tensor diagonal(ct_tensor x, int64_t offset, int64_t a, int64_t b) {
  return tensor([&] { return at::diagonal(read(x), offset, a, b); });
}
ct_tensor diag_embed(ct_tensor x) {
  return tensor([&] { return at::diag_embed(read(x)); });
}
ct_tensor repeat_interleave(ct_tensor x, int64_t times, int64_t axis) {
  return tensor([&] { return at::repeat_interleave(read(x), times, axis); });
}
ct_tensor diff(ct_tensor x, int64_t axis) {
  return tensor([&] { return at::diff(read(x), 1, axis); });
}
ct_tensor unfold(ct_tensor x, int64_t axis, int64_t size, int64_t step) {
  return tensor([&] { return read(x).unfold(axis, size, step); });
}
ct_tensor pad(ct_tensor x, const int64_t *sizes, int n, int mode, double value) {
  static const char *const modes[] = {"constant", "reflect", "replicate", "circular"};
  return tensor([&] {
    return mode == 0 ? at::constant_pad_nd(read(x), list(sizes, n), value)
                     : at::pad(read(x), list(sizes, n), modes[mode], c10::nullopt);
  });
}

}  // namespace backend
