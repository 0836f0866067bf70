import CTorch
import Support

// Reductions. No axes means all; negative axes count from the end; `keep` leaves axes of extent one.
extension Tensor {
  public func sum(axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_sum(raw, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }
  public func sum(axis: Int, keep: Bool = false) -> Tensor { sum(axes: [axis], keep: keep) }

  public func mean(axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_mean(raw, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }
  public func mean(axis: Int, keep: Bool = false) -> Tensor { mean(axes: [axis], keep: keep) }

  /// The largest element; its gradient is shared among equals.
  public func max(axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_amax(raw, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }

  /// The smallest element; its gradient is shared among equals.
  public func min(axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_amin(raw, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }

  /// `log(sum(exp(x)))` without overflow.
  public func logSumExp(axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_logsumexp(raw, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }

  /// The variance; `correction` is subtracted from the count (1: the unbiased estimate, as PyTorch's default).
  public func variance(axes: [Int] = [], correction: Int = 1, keep: Bool = false) -> Tensor {
    Tensor(ct_var(raw, axes.int64, Int32(axes.count), Int64(correction), keep ? 1 : 0), #function, self)
  }

  public func standardDeviation(axes: [Int] = [], correction: Int = 1, keep: Bool = false) -> Tensor {
    variance(axes: axes, correction: correction, keep: keep).sqrt()
  }

  /// The p-norm.
  public func norm(_ p: Double = 2, axes: [Int] = [], keep: Bool = false) -> Tensor {
    Tensor(ct_norm(raw, p, axes.int64, Int32(axes.count), keep ? 1 : 0), #function, self)
  }

  public func product(axis: Int, keep: Bool = false) -> Tensor {
    Tensor(ct_prod(raw, Int64(axis), keep ? 1 : 0), #function, self)
  }

  /// True where any element along the axis is not zero.
  public func any(axis: Int, keep: Bool = false) -> Tensor {
    Tensor(ct_any(raw, Int64(axis), keep ? 1 : 0), #function, self)
  }

  /// True where no element along the axis is zero.
  public func all(axis: Int, keep: Bool = false) -> Tensor {
    Tensor(ct_all(raw, Int64(axis), keep ? 1 : 0), #function, self)
  }

  /// The position of the largest element.
  public func argmax(axis: Int, keep: Bool = false) -> Tensor {
    Tensor(ct_argmax(raw, Int64(axis), keep ? 1 : 0), #function, self)
  }

  public func argmin(axis: Int, keep: Bool = false) -> Tensor {
    Tensor(ct_argmin(raw, Int64(axis), keep ? 1 : 0), #function, self)
  }

  /// The lower median of all elements.
  public func median() -> Tensor { Tensor(ct_median(raw), #function, self) }

  /// The quantiles `q`, by linear interpolation; one along a new first axis for each.
  public func quantile(_ q: [Double], axis: Int, keep: Bool = false) -> Tensor {
    let levels = Tensor(q).to(elementType)
    return Tensor(ct_quantile(raw, levels.raw, Int64(axis), keep ? 1 : 0), #function, self)
  }
}

/// Values and where they stood.
public struct Positioned {
  public let values: Tensor
  public let indices: Tensor
}

extension Tensor {
  /// Calls a C function with results through an array.
  func several(
    _ count: Int, _ operation: StaticString = #function, _ call: (UnsafeMutablePointer<ct_tensor?>) -> Int32
  ) -> [Tensor] {
    var results = [ct_tensor?](repeating: nil, count: count)
    guard call(&results) >= 0 else {
      TensorFailure.handle("\(operation)", [self])
      return (0..<count).map { _ in TensorFailure.nothing }
    }
    return results.map { Tensor($0!) }
  }

  private func positioned(
    _ operation: StaticString = #function, _ call: (UnsafeMutablePointer<ct_tensor?>) -> Int32
  ) -> Positioned {
    let both = several(2, operation, call)
    return Positioned(values: both[0], indices: both[1])
  }

  public func maxWithIndex(axis: Int, keep: Bool = false) -> Positioned {
    positioned { ct_max_axis(raw, Int64(axis), keep ? 1 : 0, $0) }
  }
  public func minWithIndex(axis: Int, keep: Bool = false) -> Positioned {
    positioned { ct_min_axis(raw, Int64(axis), keep ? 1 : 0, $0) }
  }
  /// The lower median along an axis.
  public func median(axis: Int, keep: Bool = false) -> Positioned {
    positioned { ct_median_axis(raw, Int64(axis), keep ? 1 : 0, $0) }
  }
  public func cumulativeMax(axis: Int) -> Positioned { positioned { ct_cummax(raw, Int64(axis), $0) } }

  /// Stable sort.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Positioned {
    positioned { ct_sort(raw, Int64(axis), descending ? 1 : 0, $0) }
  }

  /// The `k` largest (or smallest) elements in order.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Positioned {
    positioned { ct_topk(raw, Int64(k), Int64(axis), largest ? 1 : 0, $0) }
  }

  /// The different elements in ascending order, for each element its place among them, and how often each occurs.
  public func unique() -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let all = several(3) { ct_unique(raw, $0) }
    return (all[0], all[1], all[2])
  }

  public func cumulativeSum(axis: Int) -> Tensor { Tensor(ct_cumsum(raw, Int64(axis)), #function, self) }
  public func cumulativeProduct(axis: Int) -> Tensor { Tensor(ct_cumprod(raw, Int64(axis)), #function, self) }
  public func cumulativeLogSumExp(axis: Int) -> Tensor {
    Tensor(ct_logcumsumexp(raw, Int64(axis)), #function, self)
  }
  public func difference(axis: Int = -1) -> Tensor { Tensor(ct_diff(raw, Int64(axis)), #function, self) }
  public func softmax(axis: Int) -> Tensor { Tensor(ct_softmax(raw, Int64(axis)), #function, self) }
  public func logSoftmax(axis: Int) -> Tensor { Tensor(ct_log_softmax(raw, Int64(axis)), #function, self) }

  /// How often each whole number occurs; `length` is the least length of the result.
  public func binCount(weights: Tensor? = nil, length: Int = 0) -> Tensor {
    Tensor(ct_bincount(raw, weights?.raw, Int64(length)), #function, self)
  }

  /// For each of `values` its place in these ascending edges.
  public func searchSorted(_ values: Tensor, right: Bool = false) -> Tensor {
    Tensor(ct_searchsorted(raw, values.raw, right ? 1 : 0), #function, self, values)
  }

  /// The positions of elements that are not zero `[count, rank]`.
  public func nonzero() -> Tensor { Tensor(ct_nonzero(raw), #function, self) }

  /// Whether shapes agree and every element lies within `absolute + relative·|other|`.
  public func isClose(to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8) -> Bool {
    guard shape == other.shape else { return false }
    let error = (to(.float64) - other.to(.float64)).abs()
    let excess = error - other.to(.float64).abs() * relative
    return (excess .<= absolute).to(.float64).sum().item == Double(count)
  }
}
