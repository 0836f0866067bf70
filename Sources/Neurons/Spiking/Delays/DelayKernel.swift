import Foundation
import Tensors

/// How a delay that lies between steps is spread over them, so that it can be learned (dilated convolutions with
/// learnable spacings, DCLS; Khalfaoui-Hassani et al., 2023).
///
/// With the tap at c and n = 0..<M, before normalisation:
public enum DelayKernel: String, Sendable, CaseIterable {
  /// `exp(-½ ((n - c)/s)²)`, s = width + 0.27.
  case gaussian
  /// `max(0, s - |n - c|)`, s = width + 1; with no width a linear interpolation between two steps.
  case triangular
  /// The same with s = 1 whatever the width, not normalised: the first form that was published.
  case bilinear

  /// s for a width.
  public func extent(_ width: Double) -> Double {
    switch self {
    case .gaussian: abs(width) + 0.27
    case .triangular: abs(width) + 1
    case .bilinear: 1
    }
  }

  /// Whether the taps of a synapse sum to one.
  var isNormalised: Bool { self != .bilinear }

  /// What is added to the sum before dividing.
  static let guardedSum = 1e-7

  /// The taps as tensors: positions `[…]`, centred, to `[…, M]`; for autograd and any element type.
  public func taps(_ position: Tensor, length: Int, width: Double) -> Tensor {
    let centre = (position + Double(length / 2)).unsqueezed(-1)
    let distance = Tensor.arange(length, .float64).to(position.elementType) - centre
    let s = extent(width)
    let raw =
      switch self {
      case .gaussian: ((distance / s).square() * -0.5).exp()
      case .triangular, .bilinear: (s - distance.abs()).relu()
      }
    return isNormalised ? raw / (raw.sum(axis: -1, keep: true) + Self.guardedSum) : raw
  }

  /// One tap before normalisation, and its derivative by the position, for sixteen synapses.
  @inline(__always)
  func tap(_ n: Int, _ centre: Lanes, _ extent: Double) -> (value: Lanes, slope: Lanes) {
    let distance = Double(n) - centre
    switch self {
    case .gaussian:
      let value = (distance * distance * (-0.5 / (extent * extent))).exp()
      return (value, value * distance * (1 / (extent * extent)))
    case .triangular, .bilinear:
      let one = Lanes.Vector(repeating: 1)
      let value = (extent - distance.absolute()).relu()
      // At its peak a tap moves neither way.
      let sign = (distance * 1e30).values.clamped(lowerBound: -one, upperBound: one)
      let inside = Lanes(sign.replacing(with: 0, where: value.values .<= 0))
      return (value, inside)
    }
  }
}

/// The shrinking width of a delay kernel: from wide, where every delay feels every other, to almost a single step.
///
/// After each epoch, while the epoch is before the last one of the schedule and the width above its end, the width is
/// multiplied by `(end/start)^(1/epochs)`.
public struct WidthSchedule: Sendable, Equatable {
  public let start, end: Double
  /// How many epochs the width shrinks for.
  public let epochs: Int

  /// - Parameters:
  ///   - start: M / 2 (whole) for kernels of M steps.
  ///   - epochs: A quarter of the training, as published.
  public init(from start: Double, to end: Double = 0.23, epochs: Int) {
    precondition(start > 0 && end > 0 && epochs > 0, "a width from \(start) to \(end) in \(epochs) epochs")
    (self.start, self.end, self.epochs) = (start, end, epochs)
  }

  /// The width after an epoch (counted from zero) that was trained with `width`.
  public func width(after epoch: Int, _ width: Double) -> Double {
    epoch < epochs && width > end ? width * pow(end / start, 1 / Double(epochs)) : width
  }
}
