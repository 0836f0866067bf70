import Support
import Tensors

extension LabelledImages {
  /// Images read pixel by pixel: `[T, B, k]` with numbers of 0 to 1, `k` pixels a step in the order in which they lie, of the images at `indices`.
  ///
  /// Behind ``permutingPixels(_:)`` this is the permuted sequential task.
  public func sequence(at indices: [Int], pixelsPerStep k: Int = 1) -> Tensor {
    precondition(k > 0 && imageSize % k == 0, "\(imageSize) pixels do not divide into steps of \(k)")
    let chosen = subset(indices)
    return Tensor(chosen.pixels, shape: [indices.count, imageSize / k, k]).to(.float32).transposed(0, 1)
      .contiguous() / 255
  }
}
