import CTorch
import Support

/// What may stand between the brackets: `x[2]`, `x[1..<3]`, `x[.all, 0]`, `x[.newAxis]`, `x[.ellipsis, -1]`, `x[rows]`.
public enum TensorIndex {
  case at(Int)
  case range(Int, Int, step: Int)
  case wholeAxis
  case insertedAxis
  /// All axes that the other indices leave over.
  case remainingAxes
  /// Positions, or a mask of truth values.
  case tensor(Tensor)
}

/// Something that selects along an axis of a tensor.
public protocol TensorIndexing {
  var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexing { public var tensorIndex: TensorIndex { self } }
extension Int: TensorIndexing { public var tensorIndex: TensorIndex { .at(self) } }
extension Tensor: TensorIndexing { public var tensorIndex: TensorIndex { .tensor(self) } }
extension Range<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, upperBound, step: 1) }
}
extension ClosedRange<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, upperBound + 1, step: 1) }
}
extension PartialRangeFrom<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, Int.max, step: 1) }
}
extension PartialRangeUpTo<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(0, upperBound, step: 1) }
}

extension TensorIndexing where Self == TensorIndex {
  /// The whole axis.
  public static var all: TensorIndex { .wholeAxis }
  public static var newAxis: TensorIndex { .insertedAxis }
  public static var ellipsis: TensorIndex { .remainingAxes }
  /// Every `step`-th element from `from` up to, not including, `to`.
  public static func strided(from: Int = 0, to: Int = Int.max, by step: Int) -> TensorIndex {
    .range(from, to, step: step)
  }
}

extension Tensor {
  /// Selects along the leading axes; views share elements, index tensors copy.
  public subscript<A: TensorIndexing>(_ a: A) -> Tensor {
    get { selected([a.tensorIndex]) }
    nonmutating set { assign(newValue, at: [a.tensorIndex]) }
  }

  public subscript<A: TensorIndexing, B: TensorIndexing>(_ a: A, _ b: B) -> Tensor {
    get { selected([a.tensorIndex, b.tensorIndex]) }
    nonmutating set { assign(newValue, at: [a.tensorIndex, b.tensorIndex]) }
  }

  public subscript<A: TensorIndexing, B: TensorIndexing, C: TensorIndexing>(_ a: A, _ b: B, _ c: C) -> Tensor
  {
    get { selected([a.tensorIndex, b.tensorIndex, c.tensorIndex]) }
    nonmutating set { assign(newValue, at: [a.tensorIndex, b.tensorIndex, c.tensorIndex]) }
  }

  public subscript<A: TensorIndexing, B: TensorIndexing, C: TensorIndexing, D: TensorIndexing>(_ a: A, _ b: B,
    _ c: C, _ d: D
  ) -> Tensor {
    get { selected([a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex]) }
    nonmutating set { assign(newValue, at: [a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex]) }
  }

  public subscript<
    A: TensorIndexing, B: TensorIndexing, C: TensorIndexing, D: TensorIndexing, E: TensorIndexing
  >(_ a: A, _ b: B, _ c: C, _ d: D, _ e: E) -> Tensor {
    get { selected([a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex, e.tensorIndex]) }
    nonmutating set {
      assign(newValue, at: [a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex, e.tensorIndex])
    }
  }

  private func selected(_ indices: [TensorIndex]) -> Tensor {
    let (view, tensors) = viewed(indices)
    guard tensors.contains(where: { $0 != nil }) else { return view }
    return Tensor.withOptionalRaw(tensors) {
      Tensor(ct_index(view.raw, $0, Int32(tensors.count)), "subscript", view)
    }
  }

  private func assign(_ value: Tensor, at indices: [TensorIndex]) {
    let (view, tensors) = viewed(indices)
    guard tensors.contains(where: { $0 != nil }) else { return view.assign(value) }
    let status = Tensor.withOptionalRaw(tensors) {
      ct_index_put_(view.raw, $0, Int32(tensors.count), value.raw, 0)
    }
    if status < 0 { TensorFailure.handle("subscript", [view, value]) }
  }

  /// Applies everything but index tensors; those are returned at the axes of the view that they select from.
  private func viewed(_ indices: [TensorIndex]) -> (Tensor, [Tensor?]) {
    var view = self
    var tensors: [Tensor?] = []
    let consuming = indices.reduce(0) { total, index in
      switch index {
      case .insertedAxis, .remainingAxes: total
      case .tensor(let mask) where mask.elementType == .bool: total + mask.rank
      default: total + 1
      }
    }
    precondition(consuming <= rank, "\(consuming) indices for a tensor of shape \(shape)")
    for index in indices {
      let axis = tensors.count
      switch index {
      case .at(let position):
        view = Tensor(ct_select(view.raw, Int64(axis), Int64(position)), "subscript", view)
      case .range(let from, let to, let step):
        view = view.narrowed(axis, from: from, to: to, step: step)
        tensors.append(nil)
      case .wholeAxis: tensors.append(nil)
      case .insertedAxis:
        view = view.unsqueezed(axis)
        tensors.append(nil)
      case .remainingAxes: tensors += [Tensor?](repeating: nil, count: rank - consuming)
      case .tensor(let selection):
        tensors.append(selection)
        if selection.elementType == .bool, selection.rank > 1 {
          preconditionFailure("a mask of rank \(selection.rank) between indices; use selected(by:)")
        }
      }
    }
    return (view, tensors)
  }

  private static func withOptionalRaw<Result>(
    _ tensors: [Tensor?], _ body: (UnsafePointer<ct_tensor?>) -> Result
  ) -> Result {
    let pointers: [ct_tensor?] = tensors.map { $0?.raw }
    return withExtendedLifetime(tensors) { pointers.withUnsafeBufferPointer { body($0.baseAddress!) } }
  }

  /// The elements where `mask` (of this shape) is true, as a vector.
  public func selected(by mask: Tensor) -> Tensor {
    Tensor(ct_masked_select(raw, mask.raw), #function, self, mask)
  }

  /// Whole slices along an axis.
  public func selected(_ positions: Tensor, axis: Int) -> Tensor {
    Tensor(ct_index_select(raw, Int64(axis), positions.raw), #function, self, positions)
  }

  /// `out[i][j] = self[index[i][j]][j]` for axis 0, and so on.
  public func gathered(_ index: Tensor, axis: Int) -> Tensor {
    Tensor(ct_gather(raw, Int64(axis), index.raw), #function, self, index)
  }

  /// A copy with `source` written to the places that ``gathered(_:axis:)`` would read.
  public func scattered(_ source: Tensor, at index: Tensor, axis: Int) -> Tensor {
    Tensor(ct_scatter(raw, Int64(axis), index.raw, source.raw), #function, self, index, source)
  }

  /// A copy with `source` added to the places that ``gathered(_:axis:)`` would read.
  public func scatterAdded(_ source: Tensor, at index: Tensor, axis: Int) -> Tensor {
    Tensor(ct_scatter_add(raw, Int64(axis), index.raw, source.raw), #function, self, index, source)
  }

  /// A copy with slices of `source` added to the slices at `positions`.
  public func indexAdded(_ source: Tensor, at positions: Tensor, axis: Int) -> Tensor {
    Tensor(ct_index_add(raw, Int64(axis), positions.raw, source.raw), #function, self, positions, source)
  }
}
