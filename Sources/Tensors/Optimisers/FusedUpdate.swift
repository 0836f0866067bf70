import Support

/// One pass over a parameter, its gradient and what the rule remembers: memory traffic is all that an update costs.
enum FusedUpdate {
  /// Elements a thread takes at a time.
  private static let chunk = 1 << 16

  /// Whether all tensors are plain single-precision memory.
  static func applies(_ tensors: [Tensor]) -> Bool {
    tensors.allSatisfy { $0.elementType == .float32 && $0.isContiguous && $0.device == .cpu }
  }

  /// Calls `body` with ranges that cover `count`, in parallel where it pays.
  static func run(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let chunks = (count + chunk - 1) / chunk
    parallelFor(chunks) { body($0 * chunk..<Swift.min(($0 + 1) * chunk, count)) }
  }

  /// The elements of a contiguous single-precision tensor.
  static func elements(_ tensor: Tensor) -> SendableAddress<Float> {
    tensor.withUnsafeMutableElements(of: Float.self) { SendableAddress($0.baseAddress) }
  }
}
