import Datasets
import Foundation
import Support

/// Which orientations edges in pictures have: gradients of a blurred image, weighted by their size. 0 is a horizontal edge, angles go counter-clockwise.
public struct OrientationHistogram: Sendable, Equatable {
  /// The weight of each bin; bin `k` is centred on `k · 180 / count` degrees.
  public private(set) var weights: [Double]

  public var count: Int { weights.count }

  /// Of no picture yet.
  public init(bins: Int) {
    precondition(bins > 1, "a histogram of \(bins) orientations")
    weights = Array(repeating: 0, count: bins)
  }

  /// Takes in an image, blurred by a Gaussian so that the grid of pixels does not show: the gradient of each pixel goes to the two
  /// nearest bins by its distance from their centres. Every image counts the same, whatever its size and contrast.
  ///
  /// - Parameter blur: The standard deviation of the Gaussian in pixels, the scale at which edges are looked for.
  public mutating func add(_ image: GreyImage, blur: Double = 2) {
    precondition(blur > 0, "a blur of \(blur) pixels")
    var own = [Double](repeating: 0, count: count)
    let (height, width, spacing) = (image.height, image.width, 180 / Double(count))
    guard height > 2, width > 2 else { return }
    let values = image.blurred(blur).values
    values.withUnsafeBufferPointer { v in
      for y in 1..<height - 1 {
        for x in 1..<width - 1 {
          let here = y * width + x
          let (dx, dy) = (v[here + 1] - v[here - 1], v[here - width] - v[here + width])
          let size = (dx * dx + dy * dy).squareRoot()
          guard size > 1e-12 else { continue }
          // An edge runs across its gradient.
          var angle = (atan2(dy, dx) * 180 / .pi + 90) / spacing
          angle -= (angle / Double(count)).rounded(.down) * Double(count)
          let low = Int(angle)
          let share = angle - Double(low)
          own[low % count] += size * (1 - share)
          own[(low + 1) % count] += size * share
        }
      }
    }
    let sum = own.reduce(0, +)
    guard sum > 0 else { return }
    for k in own.indices { weights[k] += own[k] / sum }
  }

  /// Takes in all that another histogram of as many bins has.
  public mutating func add(_ other: OrientationHistogram) {
    precondition(other.count == count, "histograms of \(count) and \(other.count) bins")
    for k in weights.indices { weights[k] += other.weights[k] }
  }

  /// How much more frequent edges within `width` degrees of horizontal and vertical are than those that far from the diagonals.
  public func cardinalExcess(within width: Double = 15) -> Double {
    var (cardinal, oblique) = ([Double](), [Double]())
    for (k, weight) in weights.enumerated() {
      let angle = Double(k) * 180 / Double(count)
      let distance = min(abs(Orientation.wrapped(angle)), abs(Orientation.wrapped(angle - 90)))
      if distance <= width { cardinal.append(weight) }
      if distance >= 45 - width { oblique.append(weight) }
    }
    return Spread(cardinal).mean / Spread(oblique).mean
  }

  /// The ensemble of `count` orientations with this frequency, linear between bins.
  ///
  /// - Throws: `CajalError` when no image had any contrast.
  public func ensemble(_ count: Int) throws -> OrientationEnsemble {
    let orientations = Orientation.even(count)
    return try OrientationEnsemble(
      orientations: orientations,
      weights: orientations.map { angle in
        let place = angle * Double(self.count) / 180
        let (low, share) = (Int(place), place - place.rounded(.down))
        return weights[low % self.count] * (1 - share) + weights[(low + 1) % self.count] * share
      })
  }
}
