import Foundation
import Support

/// A drifting random texture with a chosen content of frequencies, orientations and speeds (Sanz Leon and others, 2012).
///
/// Noise of random phases under an envelope over spatial and temporal frequency, in cycles per pixel and per frame:
/// a log-Gaussian of radial frequency, times a von Mises function of orientation, times a Gaussian around the plane of the velocity.
public struct MotionCloud: Sendable, Equatable {
  public var motion: Motion
  /// Mean spatial frequency in cycles per pixel.
  public var frequency = 0.125
  /// Bandwidth of spatial frequency in cycles per pixel.
  public var frequencyBandwidth = 0.1
  /// Direction of the frequency vector in radians: equal to the motion's direction, stripes stand perpendicular to the motion.
  public var orientation = 0.0
  /// Bandwidth of orientation in radians; infinite for none preferred.
  public var orientationBandwidth = Double.infinity
  /// Bandwidth of speed, relative to one pixel per frame.
  public var speedBandwidth = 0.05

  public init(_ motion: Motion) { self.motion = motion }

  /// A movie `[duration, size, size]` of the texture, mean 0 and largest magnitude 1.
  ///
  /// The texture is periodic in time and space: of a movie of twice the length, the first half is taken.
  public func movie(size: Int, duration: Int, label: Int = 0, using generator: inout RandomGenerator)
    -> MotionMovie
  {
    let shape = [2 * duration, 2 * size, 2 * size]
    var spectrum = ComplexGrid(shape: shape)
    let axes = shape.map(ComplexGrid.frequencies)
    var place = 0
    for ft in axes[0] {
      for fx in axes[1] {
        for fy in axes[2] {
          let phase = 2 * .pi * generator.uniform()
          let height = envelope(fx, fy, ft)
          spectrum.real[place] = height * cos(phase)
          spectrum.imaginary[place] = height * sin(phase)
          place += 1
        }
      }
    }
    let whole = spectrum.inverseRealPart()
    var frames: [Double] = []
    frames.reserveCapacity(duration * size * size)
    for time in 0..<duration {
      for row in 0..<size {
        let start = (time * shape[1] + row) * shape[2]
        frames += whole[start..<start + size]
      }
    }
    let mean = frames.reduce(0, +) / Double(frames.count)
    let largest = frames.reduce(0) { max($0, abs($1 - mean)) }
    let scale = largest > 0 ? 1 / largest : 0
    return MotionMovie(
      size: size, frames: frames.map { ($0 - mean) * scale }, labels: Array(repeating: label, count: duration)
    )
  }

  /// The envelope at a frequency along rows, columns and time.
  public func envelope(_ fx: Double, _ fy: Double, _ ft: Double) -> Double {
    let radius = (fx * fx + fy * fy).squareRoot()
    guard radius > 0 else { return 0 }
    let width = log((frequency + frequencyBandwidth) / frequency)
    let distance = log(radius / frequency) / width
    let radial = exp(-0.5 * distance * distance) / radius
    let velocity = motion.velocity
    let offPlane = (ft + fx * velocity.row + fy * velocity.column) / (speedBandwidth * radius)
    let speed = exp(-0.5 * offPlane * offPlane)
    guard speed > 1e-12, orientationBandwidth.isFinite else { return radial * speed }
    // Divided by its largest value, so that narrow bandwidths do not overflow.
    let turned = cos(2 * (atan2(fy, fx) - orientation)) - 1
    return radial * speed * exp(turned / (4 * orientationBandwidth * orientationBandwidth))
  }
}
