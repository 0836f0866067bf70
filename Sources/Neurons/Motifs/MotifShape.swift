import Foundation

/// The extents of a layer of motif detectors.
public struct MotifShape: Sendable, Equatable {
  /// Neurons at each place, one a motif.
  public var classes: Int
  /// Channels of the input: 2 polarities, or neurons without a place.
  public var channels: Int
  /// Delays 0 to `delays - 1` steps.
  public var delays: Int
  /// Extent along rows and columns, both odd; 1 where the input has no space.
  public var height: Int
  public var width: Int

  public init(classes: Int, channels: Int = 2, delays: Int, height: Int = 1, width: Int = 1) {
    precondition(
      min(classes, channels, delays) > 0 && height % 2 == 1 && width % 2 == 1 && height > 0 && width > 0,
      "a kernel of \(classes) classes, \(channels) channels, \(delays) delays and \(height)×\(width) places")
    self.classes = classes
    self.channels = channels
    self.delays = delays
    self.height = height
    self.width = width
  }

  /// `[classes, channels, delays, height, width]`.
  public var kernel: [Int] { [classes, channels, delays, height, width] }
  /// Synapses of one class.
  public var synapsesPerClass: Int { channels * delays * height * width }
  public var synapseCount: Int { classes * synapsesPerClass }
  /// Places of the kernel.
  public var area: Int { height * width }
}

/// How large weights may grow by place and delay, relative to the largest of all: a prior about motifs.
public enum DelayMask: Sendable, Equatable {
  /// No bound.
  case none
  /// Slow motion: at delay 0 a point at the centre, at long delays a broad disc (Grimaldi and Perrinet, 2023).
  case cone

  /// The bounds `[delays, height, width]` in the order of the kernel, whose last step is delay 0; nil for none.
  ///
  /// With tau from 0 at the longest delay to 1 at delay 0 and r the distance from the centre in half extents:
  /// `((cos(πr) + 1)/2)^¼ · exp(-r²/(2·(2.5(1 - tau) + 0.05)²))`, and 0 from r = 1 on.
  public func values(_ shape: MotifShape) -> [Double]? {
    guard self == .cone else { return nil }
    func place(_ index: Int, _ extent: Int) -> Double { 2 * Double(index + 1) / Double(extent + 1) - 1 }
    return (0..<shape.delays).flatMap { step in
      let tau = shape.delays > 1 ? Double(step) / Double(shape.delays - 1) : 1
      let spread = 2.5 * (1 - tau) + 0.05
      return (0..<shape.height).flatMap { row in
        (0..<shape.width).map { column -> Double in
          let (x, y) = (place(row, shape.height), place(column, shape.width))
          let radius = (x * x + y * y).squareRoot()
          guard radius < 1 else { return 0 }
          return pow((cos(.pi * radius) + 1) / 2, 0.25) * exp(-radius * radius / (2 * spread * spread))
        }
      }
    }
  }
}
