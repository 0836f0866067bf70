import Support
import Tensors

/// Random changes of training images that keep their class, seeded.
public enum Augmentation: Sendable {
  /// Pads by so many pixels on every side, then cuts out the old size anywhere (He et al., 2016).
  case crop(padding: Int)
  /// Mirrors every other image left to right, by chance.
  case horizontalFlip
  /// Sets a random square of this side to zero (DeVries and Taylor, 2017).
  case cutout(side: Int)
  /// Adds independent normal noise.
  case noise(deviation: Double)
}

extension Tensor {
  /// A batch `[B, C, H, W]` with every image changed on its own.
  public func augmented(_ changes: [Augmentation], using generator: inout RandomGenerator) -> Tensor {
    changes.reduce(self) { $0.augmented($1, using: &generator) }
  }

  private func augmented(_ change: Augmentation, using generator: inout RandomGenerator) -> Tensor {
    switch change {
    case .crop(let padding):
      return moved(
        (0..<size(0)).map { _ in
          (
            generator.integer(below: 2 * padding + 1) - padding,
            generator.integer(below: 2 * padding + 1) - padding
          )
        })
    case .horizontalFlip:
      let mirror = Tensor((0..<size(0)).map { _ in generator.uniform() < 0.5 }, shape: [size(0), 1, 1, 1])
      return flipped(3).chosen(where: mirror, else: self)
    case .cutout(let side):
      return blanked(
        (0..<size(0)).map { _ in (generator.integer(below: size(2)), generator.integer(below: size(3))) },
        side: side)
    case .noise(let deviation):
      return self + Tensor.normal(shape, deviation: deviation, elementType, using: &generator)
    }
  }

  /// Every image shifted by its own (rows, columns); what comes in is zero.
  private func moved(_ shifts: [(Int, Int)]) -> Tensor {
    let source = contiguous()
    return source.changedCopy { pixels, shape in
      let (height, width) = (shape[2], shape[3])
      source.withUnsafeElements(of: Float.self) { old in
        for plane in 0..<shape[0] * shape[1] {
          let (dy, dx) = shifts[plane / shape[1]]
          for y in 0..<height {
            let from = y - dy
            for x in 0..<width {
              let inside = (0..<height).contains(from) && (0..<width).contains(x - dx)
              pixels[(plane * height + y) * width + x] =
                inside ? old[(plane * height + from) * width + x - dx] : 0
            }
          }
        }
      }
    }
  }

  /// Every image with a square of zeros around its own (row, column).
  private func blanked(_ centres: [(Int, Int)], side: Int) -> Tensor {
    changedCopy { pixels, shape in
      let (height, width) = (shape[2], shape[3])
      for plane in 0..<shape[0] * shape[1] {
        let (row, column) = centres[plane / shape[1]]
        for y in (row - side / 2..<row - side / 2 + side).clamped(to: 0..<height) {
          for x in (column - side / 2..<column - side / 2 + side).clamped(to: 0..<width) {
            pixels[(plane * height + y) * width + x] = 0
          }
        }
      }
    }
  }

  private func changedCopy(_ body: (UnsafeMutableBufferPointer<Float>, [Int]) -> Void) -> Tensor {
    precondition(
      rank == 4 && elementType == .float32,
      "augmentation of \(elementType)\(shape), expected float32 [B, C, H, W]")
    let copy = contiguous().cloned()
    let shape = shape
    copy.withUnsafeMutableElements(of: Float.self) { body($0, shape) }
    return copy
  }
}
