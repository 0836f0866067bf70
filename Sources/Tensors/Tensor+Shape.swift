import CTorch
import Support

extension Tensor {
  /// The same elements in another shape; one extent may be -1.
  public func reshaped(_ shape: [Int]) -> Tensor {
    Tensor(ct_reshape(raw, shape.int64, Int32(shape.count)), #function, self)
  }
  public func reshaped(_ shape: Int...) -> Tensor { reshaped(shape) }

  /// Joins the axes from `start` to `end` into one.
  public func flattened(from start: Int = 0, to end: Int = -1) -> Tensor {
    let shape = shape
    guard !shape.isEmpty else { return reshaped([1]) }
    let last = end < 0 ? end + shape.count : end
    return reshaped(Array(shape[..<start]) + [shape[start...last].reduce(1, *)] + Array(shape[(last + 1)...]))
  }

  /// The axes in another order.
  public func permuted(_ axes: Int...) -> Tensor { permuted(axes) }
  public func permuted(_ axes: [Int]) -> Tensor {
    Tensor(ct_permute(raw, axes.int64, Int32(axes.count)), #function, self)
  }

  public func transposed(_ a: Int = -1, _ b: Int = -2) -> Tensor {
    Tensor(ct_transpose(raw, Int64(a), Int64(b)), #function, self)
  }

  /// Repeats axes of extent one without copying; -1 leaves an axis as it is.
  public func expanded(_ shape: [Int]) -> Tensor {
    Tensor(ct_expand(raw, shape.int64, Int32(shape.count)), #function, self)
  }

  /// Copies the tensor so many times along each axis.
  public func tiled(_ times: [Int]) -> Tensor {
    Tensor(ct_repeat(raw, times.int64, Int32(times.count)), #function, self)
  }

  public func repeatInterleaved(_ times: Int, axis: Int) -> Tensor {
    Tensor(ct_repeat_interleave(raw, Int64(times), Int64(axis)), #function, self)
  }

  public func unsqueezed(_ axis: Int) -> Tensor { Tensor(ct_unsqueeze(raw, Int64(axis)), #function, self) }
  public func squeezed(_ axis: Int) -> Tensor { Tensor(ct_squeeze(raw, Int64(axis)), #function, self) }

  public func flipped(_ axes: Int...) -> Tensor {
    Tensor(ct_flip(raw, axes.int64, Int32(axes.count)), #function, self)
  }

  /// Moves elements by `shift` along an axis; those that leave come in at the other end.
  public func rolled(_ shift: Int, axis: Int) -> Tensor {
    Tensor(ct_roll(raw, Int64(shift), Int64(axis)), #function, self)
  }

  public func lowerTriangle(_ diagonal: Int = 0) -> Tensor {
    Tensor(ct_tril(raw, Int64(diagonal)), #function, self)
  }
  public func upperTriangle(_ diagonal: Int = 0) -> Tensor {
    Tensor(ct_triu(raw, Int64(diagonal)), #function, self)
  }

  /// The diagonal of the last two axes.
  public func diagonal(_ offset: Int = 0) -> Tensor {
    Tensor(ct_diagonal(raw, Int64(offset), -2, -1), #function, self)
  }
  /// Matrices with the last axis on their diagonal.
  public func diagonalMatrix() -> Tensor { Tensor(ct_diag_embed(raw), #function, self) }

  /// Windows of `size` elements every `step` along an axis, as a new last axis.
  public func windows(_ size: Int, step: Int, axis: Int) -> Tensor {
    Tensor(ct_unfold(raw, Int64(axis), Int64(size), Int64(step)), #function, self)
  }

  public enum Padding: Int32, Sendable { case constant, reflect, replicate, circular }

  /// Pads the last axes: `sizes` holds (before, after) from the last axis inwards.
  public func padded(_ sizes: [Int], mode: Padding = .constant, value: Double = 0) -> Tensor {
    Tensor(ct_pad(raw, sizes.int64, Int32(sizes.count), mode.rawValue, value), #function, self)
  }

  /// Joins tensors along an axis that they have.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    precondition(!tensors.isEmpty, "nothing to concatenate")
    return tensors.withRaw {
      Tensor(ct_cat($0, Int32(tensors.count), Int64(axis)), #function, tensors[0], tensors[tensors.count - 1])
    }
  }

  /// Joins tensors of equal shape along a new axis.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    precondition(!tensors.isEmpty, "nothing to stack")
    return tensors.withRaw {
      Tensor(
        ct_stack($0, Int32(tensors.count), Int64(axis)), #function, tensors[0], tensors[tensors.count - 1])
    }
  }

  /// Parts of `size` along an axis; the last may be shorter.
  public func split(_ size: Int, axis: Int = 0) -> [Tensor] {
    let extent = self.size(axis)
    return stride(from: 0, to: extent, by: size).map {
      narrowed(axis, from: $0, to: Swift.min($0 + size, extent))
    }
  }

  /// The elements from `start` up to, not including, `end` along an axis.
  public func narrowed(_ axis: Int, from start: Int, to end: Int, step: Int = 1) -> Tensor {
    Tensor(ct_slice(raw, Int64(axis), Int64(start), Int64(end), Int64(step)), #function, self)
  }
}

extension [Tensor] {
  /// The borrowed handles, for the length of the call.
  func withRaw<Result>(_ body: (UnsafePointer<ct_tensor?>) -> Result) -> Result {
    let pointers: [ct_tensor?] = map(\.raw)
    return withExtendedLifetime(self) { pointers.withUnsafeBufferPointer { body($0.baseAddress!) } }
  }
}
