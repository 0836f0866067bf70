import Foundation
import Support

/// A drifting random texture with a chosen content of frequencies, orientations and speeds (Sanz Leon and others, 2012).
///
/// Noise of random phases under an envelope over spatial and temporal frequency, in cycles per pixel and per frame:
/// a log-Gaussian of radial frequency, times a von Mises function of orientation, times a Gaussian around the plane of the
/// velocity. Temporal frequencies are drawn from the Gaussian, a few for each spatial one, and not taken from a grid: a movie
/// of some dozen frames has too coarse a grid for slow motions.
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

  /// Temporal frequencies drawn for every spatial one.
  private static let draws = 8

  /// A movie `[duration, size, size]` of the texture, mean 0 and largest magnitude 1. The texture has twice the window's
  /// period.
  ///
  /// - Parameter label: What the movie says of every frame.
  public func movie(size: Int, duration: Int, label: Int = 0, using generator: inout RandomGenerator)
    -> MotionMovie
  {
    let period = 2 * size
    var spectrum = ComplexGrid(shape: [duration, period, period])
    let axis = ComplexGrid.frequencies(period)
    let heights = axis.flatMap { fx in axis.map { fy in envelope(fx, fy) } }
    let least = heights.max()! * 1e-4
    for (place, height) in heights.enumerated() where height > least {
      let (fx, fy) = (axis[place / period], axis[place % period])
      for _ in 0..<Self.draws {
        let frequency = temporalFrequency(fx, fy, using: &generator)
        drift(&spectrum, place, height, frequency, 2 * .pi * generator.uniform())
      }
    }
    let frames = window(spectrum.inverseRealPart(keepingFirstAxis: true), period, size, duration)
    let mean = frames.reduce(0, +) / Double(frames.count)
    let largest = frames.reduce(0) { max($0, abs($1 - mean)) }
    let scale = largest > 0 ? 1 / largest : 0
    return MotionMovie(
      size: size, frames: frames.map { ($0 - mean) * scale }, labels: Array(repeating: label, count: duration)
    )
  }

  /// Adds a component that turns with time, by repeated multiplication.
  private func drift(
    _ spectrum: inout ComplexGrid, _ place: Int, _ height: Double, _ frequency: Double, _ phase: Double
  ) {
    let plane = spectrum.shape[1] * spectrum.shape[2]
    let turn = (cos(2 * .pi * frequency), sin(2 * .pi * frequency))
    var value = (height * cos(phase), height * sin(phase))
    for time in 0..<spectrum.shape[0] {
      spectrum.real[time * plane + place] += value.0
      spectrum.imaginary[time * plane + place] += value.1
      value = (value.0 * turn.0 - value.1 * turn.1, value.0 * turn.1 + value.1 * turn.0)
    }
  }

  private func window(_ whole: [Double], _ period: Int, _ size: Int, _ duration: Int) -> [Double] {
    var frames: [Double] = []
    frames.reserveCapacity(duration * size * size)
    for time in 0..<duration {
      for row in 0..<size {
        let start = (time * period + row) * period
        frames += whole[start..<start + size]
      }
    }
    return frames
  }

  /// A temporal frequency from the Gaussian around the plane of the velocity, in cycles per frame.
  private func temporalFrequency(_ fx: Double, _ fy: Double, using generator: inout RandomGenerator) -> Double
  {
    let velocity = motion.velocity
    let radius = (fx * fx + fy * fy).squareRoot()
    return -(fx * velocity.row + fy * velocity.column) + speedBandwidth * radius * generator.normal()
  }

  /// The envelope at a spatial frequency along rows and columns.
  public func envelope(_ fx: Double, _ fy: Double) -> Double {
    let radius = (fx * fx + fy * fy).squareRoot()
    guard radius > 0 else { return 0 }
    let width = log((frequency + frequencyBandwidth) / frequency)
    let distance = log(radius / frequency) / width
    let radial = exp(-0.5 * distance * distance) / radius
    guard orientationBandwidth.isFinite else { return radial }
    // Relative to its largest value, so that narrow bandwidths do not overflow.
    let turned = cos(2 * (atan2(fy, fx) - orientation)) - 1
    return radial * exp(turned / (4 * orientationBandwidth * orientationBandwidth))
  }
}
