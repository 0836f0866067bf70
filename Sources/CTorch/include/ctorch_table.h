// The operations of libtorch that Cajal uses, as tables. Each entry becomes a prototype (ctorch.h), a
// forwarding function (forward.c), a slot in the table that the backend fills, and its definition there.
#pragma once

// ct_NAME(x): at::NAME(x).
#define CT_UNARY(F) \
  F(abs) F(neg) F(exp) F(exp2) F(expm1) F(log) F(log1p) F(log2) F(log10) F(sqrt) F(rsqrt) F(square) \
  F(sin) F(cos) F(tan) F(asin) F(acos) F(atan) F(sinh) F(cosh) F(tanh) F(asinh) F(acosh) F(atanh) \
  F(sigmoid) F(relu) F(relu6) F(silu) F(selu) F(mish) F(hardswish) F(hardsigmoid) F(log_sigmoid) F(erf) \
  F(erfc) F(erfinv) F(lgamma) F(digamma) F(floor) F(ceil) F(round) F(trunc) F(frac) F(sign) F(sgn) \
  F(reciprocal) F(isnan) F(isinf) F(isfinite) F(logical_not) F(bitwise_not) F(clone) F(detach) \
  F(inverse) F(linalg_cholesky) F(linalg_det) F(linalg_pinv) F(linalg_eigvalsh) F(linalg_matrix_exp) \
  F(trace) F(median) F(zeros_like) F(ones_like) F(nonzero) F(real) F(imag) F(conj) F(angle) F(view_as_real) \
  F(view_as_complex) F(pdist)

// ct_NAME(x, y): at::NAME(x, y), broadcasting.
#define CT_BINARY(F) \
  F(add) F(sub) F(mul) F(div) F(pow) F(atan2) F(maximum) F(minimum) F(eq) F(ne) F(lt) F(le) F(gt) F(ge) \
  F(dot) F(outer) F(remainder) F(fmod) F(floor_divide) F(logical_and) F(logical_or) \
  F(logical_xor) F(bitwise_and) F(bitwise_or) F(bitwise_xor) F(hypot) F(xlogy) F(copysign) F(kron) \
  F(logaddexp) F(prelu) F(heaviside) F(masked_select) F(complex) F(cdist)

// ct_NAME_scalar(x, s): at::NAME(x, Scalar(s)).
#define CT_SCALAR(F) \
  F(add) F(sub) F(mul) F(div) F(pow) F(eq) F(ne) F(lt) F(le) F(gt) F(ge) F(remainder) F(fmod) \
  F(clamp_min) F(clamp_max) F(leaky_relu) F(elu) F(celu) F(softplus) F(hardshrink) F(softshrink) \
  F(floor_divide) F(bitwise_and)

// ct_NAME_(x, y): x.NAME_(y), in place.
#define CT_INPLACE(F) F(add) F(sub) F(mul) F(div) F(copy)
// ct_NAME_scalar_(x, s): x.NAME_(s), in place.
#define CT_INPLACE_SCALAR(F) F(add) F(sub) F(mul) F(div) F(fill) F(clamp_min) F(clamp_max)

// ct_NAME(x, axes, axisCount, keep): reductions over several axes; no axes means all.
#define CT_REDUCE(F) F(sum) F(mean) F(amax) F(amin) F(logsumexp)
// ct_NAME(x, axis, keep): reductions over one axis.
#define CT_REDUCE_ONE(F) F(prod) F(any) F(all) F(argmax) F(argmin)
// ct_NAME(x, axis).
#define CT_AXIS(F) \
  F(softmax) F(log_softmax) F(cumsum) F(cumprod) F(logcumsumexp) F(unsqueeze) F(squeeze) F(glu)
// ct_NAME(x, integers, count).
#define CT_INTEGERS(F) F(reshape) F(permute) F(expand) F(flip) F(repeat)

// Everything else: F(result, name, (parameters), (arguments)).
#define CT_OTHER(F) \
  F(const char *, version, (void), ()) \
  F(int, set_threads, (int count), (count)) \
  F(int, cuda_available, (void), ()) \
  F(ct_tensor, from_blob, (void *data, const int64_t *shape, int rank, int type, ct_release release, void *context), (data, shape, rank, type, release, context)) \
  F(ct_tensor, full, (const int64_t *shape, int rank, double value, int type, int device), (shape, rank, value, type, device)) \
  F(ct_tensor, empty, (const int64_t *shape, int rank, int type, int device), (shape, rank, type, device)) \
  F(ct_tensor, arange, (double from, double to, double step, int type), (from, to, step, type)) \
  F(ct_tensor, linspace, (double from, double to, int64_t count, int type), (from, to, count, type)) \
  F(ct_tensor, eye, (int64_t rows, int64_t columns, int type), (rows, columns, type)) \
  F(ct_tensor, random_normal, (const int64_t *shape, int rank, int type, uint64_t seed), (shape, rank, type, seed)) \
  F(ct_tensor, random_uniform, (const int64_t *shape, int rank, int type, uint64_t seed), (shape, rank, type, seed)) \
  F(ct_tensor, random_integers, (int64_t low, int64_t high, const int64_t *shape, int rank, uint64_t seed), (low, high, shape, rank, seed)) \
  F(ct_tensor, bernoulli, (ct_tensor probability, uint64_t seed), (probability, seed)) \
  F(ct_tensor, poisson, (ct_tensor rate, uint64_t seed), (rate, seed)) \
  F(ct_tensor, multinomial, (ct_tensor weights, int64_t count, int replacement, uint64_t seed), (weights, count, replacement, seed)) \
  F(ct_tensor, random_permutation, (int64_t count, uint64_t seed), (count, seed)) \
  F(ct_tensor, share, (ct_tensor x), (x)) \
  F(void, free, (ct_tensor x), (x)) \
  F(int, rank, (ct_tensor x), (x)) \
  F(int64_t, count, (ct_tensor x), (x)) \
  F(int, shape, (ct_tensor x, int64_t *shape), (x, shape)) \
  F(int, strides, (ct_tensor x, int64_t *strides), (x, strides)) \
  F(int, type, (ct_tensor x), (x)) \
  F(int, device, (ct_tensor x), (x)) \
  F(int, is_contiguous, (ct_tensor x), (x)) \
  F(void *, data, (ct_tensor x), (x)) \
  F(double, item, (ct_tensor x), (x)) \
  F(int64_t, item_integer, (ct_tensor x), (x)) \
  F(ct_tensor, to_type, (ct_tensor x, int type), (x, type)) \
  F(ct_tensor, to_device, (ct_tensor x, int device), (x, device)) \
  F(ct_tensor, contiguous, (ct_tensor x, int channels_last), (x, channels_last)) \
  F(int, requires_grad, (ct_tensor x), (x)) \
  F(int, is_leaf, (ct_tensor x), (x)) \
  F(int, set_requires_grad, (ct_tensor x, int on), (x, on)) \
  F(ct_tensor, grad, (ct_tensor x), (x)) \
  F(int, set_grad, (ct_tensor x, ct_tensor gradient), (x, gradient)) \
  F(int, backward, (ct_tensor x, ct_tensor gradient, int keep, int create), (x, gradient, keep, create)) \
  F(int, gradients, (const ct_tensor *outputs, int m, const ct_tensor *seeds, const ct_tensor *inputs, int n, int keep, int create, ct_tensor *out), (outputs, m, seeds, inputs, n, keep, create, out)) \
  F(int, grad_enabled, (void), ()) \
  F(int, set_grad_enabled, (int on), (on)) \
  F(int, custom_gradient, (const ct_tensor *inputs, int n, ct_tensor *outputs, int m, ct_backward_function backward, void *context, ct_release release), (inputs, n, outputs, m, backward, context, release)) \
  F(ct_tensor, select, (ct_tensor x, int64_t axis, int64_t index), (x, axis, index)) \
  F(ct_tensor, as_strided, (ct_tensor x, const int64_t *shape, const int64_t *strides, int rank, int64_t offset), (x, shape, strides, rank, offset)) \
  F(ct_tensor, slice, (ct_tensor x, int64_t axis, int64_t from, int64_t to, int64_t step), (x, axis, from, to, step)) \
  F(ct_tensor, index, (ct_tensor x, const ct_tensor *indices, int n), (x, indices, n)) \
  F(int, index_put_, (ct_tensor x, const ct_tensor *indices, int n, ct_tensor values, int accumulate), (x, indices, n, values, accumulate)) \
  F(ct_tensor, index_select, (ct_tensor x, int64_t axis, ct_tensor index), (x, axis, index)) \
  F(ct_tensor, index_add, (ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source), (x, axis, index, source)) \
  F(ct_tensor, gather, (ct_tensor x, int64_t axis, ct_tensor index), (x, axis, index)) \
  F(ct_tensor, scatter, (ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source), (x, axis, index, source)) \
  F(ct_tensor, scatter_add, (ct_tensor x, int64_t axis, ct_tensor index, ct_tensor source), (x, axis, index, source)) \
  F(ct_tensor, where, (ct_tensor condition, ct_tensor x, ct_tensor y), (condition, x, y)) \
  F(ct_tensor, masked_fill, (ct_tensor x, ct_tensor mask, double value), (x, mask, value)) \
  F(ct_tensor, lerp, (ct_tensor x, ct_tensor y, double weight), (x, y, weight)) \
  F(ct_tensor, clamp, (ct_tensor x, double low, double high), (x, low, high)) \
  F(ct_tensor, gelu, (ct_tensor x, int approximate), (x, approximate)) \
  F(ct_tensor, var, (ct_tensor x, const int64_t *axes, int n, int64_t correction, int keep), (x, axes, n, correction, keep)) \
  F(ct_tensor, norm, (ct_tensor x, double p, const int64_t *axes, int n, int keep), (x, p, axes, n, keep)) \
  F(ct_tensor, quantile, (ct_tensor x, ct_tensor q, int64_t axis, int keep), (x, q, axis, keep)) \
  F(int, median_axis, (ct_tensor x, int64_t axis, int keep, ct_tensor *out), (x, axis, keep, out)) \
  F(int, max_axis, (ct_tensor x, int64_t axis, int keep, ct_tensor *out), (x, axis, keep, out)) \
  F(int, min_axis, (ct_tensor x, int64_t axis, int keep, ct_tensor *out), (x, axis, keep, out)) \
  F(int, cummax, (ct_tensor x, int64_t axis, ct_tensor *out), (x, axis, out)) \
  F(int, sort, (ct_tensor x, int64_t axis, int descending, ct_tensor *out), (x, axis, descending, out)) \
  F(int, topk, (ct_tensor x, int64_t k, int64_t axis, int largest, ct_tensor *out), (x, k, axis, largest, out)) \
  F(int, unique, (ct_tensor x, ct_tensor *out), (x, out)) \
  F(ct_tensor, bincount, (ct_tensor x, ct_tensor weights, int64_t length), (x, weights, length)) \
  F(ct_tensor, searchsorted, (ct_tensor edges, ct_tensor x, int right), (edges, x, right)) \
  F(ct_tensor, cat, (const ct_tensor *xs, int n, int64_t axis), (xs, n, axis)) \
  F(ct_tensor, stack, (const ct_tensor *xs, int n, int64_t axis), (xs, n, axis)) \
  F(ct_tensor, transpose, (ct_tensor x, int64_t a, int64_t b), (x, a, b)) \
  F(ct_tensor, roll, (ct_tensor x, int64_t shift, int64_t axis), (x, shift, axis)) \
  F(ct_tensor, tril, (ct_tensor x, int64_t diagonal), (x, diagonal)) \
  F(ct_tensor, triu, (ct_tensor x, int64_t diagonal), (x, diagonal)) \
  F(ct_tensor, diagonal, (ct_tensor x, int64_t offset, int64_t a, int64_t b), (x, offset, a, b)) \
  F(ct_tensor, diag_embed, (ct_tensor x), (x)) \
  F(ct_tensor, repeat_interleave, (ct_tensor x, int64_t times, int64_t axis), (x, times, axis)) \
  F(ct_tensor, diff, (ct_tensor x, int64_t axis), (x, axis)) \
  F(ct_tensor, unfold, (ct_tensor x, int64_t axis, int64_t size, int64_t step), (x, axis, size, step)) \
  F(ct_tensor, pad, (ct_tensor x, const int64_t *sizes, int n, int mode, double value), (x, sizes, n, mode, value)) \
  F(ct_tensor, matmul, (ct_tensor x, ct_tensor y), (x, y)) \
  F(ct_tensor, einsum, (const char *equation, const ct_tensor *xs, int n), (equation, xs, n)) \
  F(ct_tensor, linear, (ct_tensor x, ct_tensor weight, ct_tensor bias), (x, weight, bias)) \
  F(ct_tensor, addmm, (ct_tensor bias, ct_tensor x, ct_tensor y), (bias, x, y)) \
  F(ct_tensor, linalg_solve, (ct_tensor a, ct_tensor b), (a, b)) \
  F(ct_tensor, triangular_solve, (ct_tensor a, ct_tensor b, int upper), (a, b, upper)) \
  F(ct_tensor, linalg_lstsq, (ct_tensor a, ct_tensor b), (a, b)) \
  F(int, linalg_qr, (ct_tensor a, ct_tensor *out), (a, out)) \
  F(int, linalg_svd, (ct_tensor a, ct_tensor *out), (a, out)) \
  F(int, linalg_eigh, (ct_tensor a, ct_tensor *out), (a, out)) \
  F(int, linalg_slogdet, (ct_tensor a, ct_tensor *out), (a, out)) \
  F(ct_tensor, convolution, (ct_tensor x, ct_tensor weight, ct_tensor bias, const int64_t *stride, const int64_t *padding, const int64_t *dilation, const int64_t *output_padding, int n, int transposed, int64_t groups), (x, weight, bias, stride, padding, dilation, output_padding, n, transposed, groups)) \
  F(ct_tensor, max_pool, (ct_tensor x, const int64_t *kernel, const int64_t *stride, const int64_t *padding, int n), (x, kernel, stride, padding, n)) \
  F(ct_tensor, average_pool, (ct_tensor x, const int64_t *kernel, const int64_t *stride, const int64_t *padding, int n), (x, kernel, stride, padding, n)) \
  F(ct_tensor, adaptive_average_pool, (ct_tensor x, const int64_t *size, int n), (x, size, n)) \
  F(ct_tensor, interpolate, (ct_tensor x, const int64_t *size, int n, int mode, int align), (x, size, n, mode, align)) \
  F(ct_tensor, grid_sample, (ct_tensor x, ct_tensor grid, int mode, int padding, int align), (x, grid, mode, padding, align)) \
  F(ct_tensor, batch_norm, (ct_tensor x, ct_tensor weight, ct_tensor bias, ct_tensor mean, ct_tensor var, int training, double momentum, double epsilon), (x, weight, bias, mean, var, training, momentum, epsilon)) \
  F(ct_tensor, layer_norm, (ct_tensor x, const int64_t *shape, int n, ct_tensor weight, ct_tensor bias, double epsilon), (x, shape, n, weight, bias, epsilon)) \
  F(ct_tensor, group_norm, (ct_tensor x, int64_t groups, ct_tensor weight, ct_tensor bias, double epsilon), (x, groups, weight, bias, epsilon)) \
  F(ct_tensor, embedding, (ct_tensor weight, ct_tensor index), (weight, index)) \
  F(ct_tensor, one_hot, (ct_tensor x, int64_t classes), (x, classes)) \
  F(ct_tensor, cross_entropy, (ct_tensor logits, ct_tensor target, ct_tensor weight, int64_t ignore, double smoothing, int reduction), (logits, target, weight, ignore, smoothing, reduction)) \
  F(ct_tensor, nll_loss, (ct_tensor x, ct_tensor target, int reduction), (x, target, reduction)) \
  F(ct_tensor, binary_cross_entropy, (ct_tensor logits, ct_tensor target, ct_tensor weight, int reduction), (logits, target, weight, reduction)) \
  F(ct_tensor, mse_loss, (ct_tensor x, ct_tensor y, int reduction), (x, y, reduction)) \
  F(ct_tensor, l1_loss, (ct_tensor x, ct_tensor y, int reduction), (x, y, reduction)) \
  F(ct_tensor, huber_loss, (ct_tensor x, ct_tensor y, double delta, int reduction), (x, y, delta, reduction)) \
  F(ct_tensor, kl_div, (ct_tensor x, ct_tensor y, int reduction, int log_target), (x, y, reduction, log_target)) \
  F(int, lstm, (ct_tensor x, ct_tensor h, ct_tensor c, const ct_tensor *weights, int n, int biases, int layers, int bidirectional, int batch_first, ct_tensor *out), (x, h, c, weights, n, biases, layers, bidirectional, batch_first, out)) \
  F(int, gru, (ct_tensor x, ct_tensor h, const ct_tensor *weights, int n, int biases, int layers, int bidirectional, int batch_first, ct_tensor *out), (x, h, weights, n, biases, layers, bidirectional, batch_first, out)) \
  F(ct_tensor, fft_rfft, (ct_tensor x, int64_t axis), (x, axis)) \
  F(ct_tensor, fft_irfft, (ct_tensor x, int64_t count, int64_t axis), (x, count, axis)) \
  F(ct_tensor, fft_fft, (ct_tensor x, int64_t axis), (x, axis)) \
  F(ct_tensor, fft_ifft, (ct_tensor x, int64_t axis), (x, axis)) \
  F(ct_tensor, cosine_similarity, (ct_tensor x, ct_tensor y, int64_t axis), (x, y, axis)) \
  F(int, addcmul_, (ct_tensor x, ct_tensor a, ct_tensor b, double value), (x, a, b, value)) \
  F(int, addcdiv_, (ct_tensor x, ct_tensor a, ct_tensor b, double value), (x, a, b, value)) \
  F(int, add_scaled_, (ct_tensor x, ct_tensor y, double scale), (x, y, scale)) \
  F(int, set_data, (ct_tensor x, ct_tensor y), (x, y)) \
  F(ct_tensor, view_type, (ct_tensor x, int type), (x, type))
