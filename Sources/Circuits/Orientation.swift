import Foundation
import Support

/// Orientations in degrees: a circle of 180.
public enum Orientation {
  /// The difference brought to -90 up to but without 90.
  public static func wrapped(_ difference: Double) -> Double {
    let turned = (difference + 90).truncatingRemainder(dividingBy: 180)
    return (turned < 0 ? turned + 180 : turned) - 90
  }

  /// `count` orientations from 0, evenly spaced.
  public static func even(_ count: Int) -> [Double] { (0..<count).map { Double($0) * 180 / Double(count) } }

  /// `exp(κ (cos 2Δ - 1))`: 1 where the difference is 0, falling to both sides (von Mises).
  public static func vonMises(_ difference: Double, concentration: Double) -> Double {
    exp(concentration * (cos(2 * difference * .pi / 180) - 1))
  }

  /// Where a tuning curve over evenly spaced orientations is highest, in degrees: the top of the parabola through the largest response
  /// and its neighbours, so that shifts below the spacing are seen.
  ///
  /// - Parameter curve: `[S]`, at least three responses, at ``even(_:)`` orientations.
  public static func peak(_ curve: [Double]) -> Double {
    let count = curve.count
    precondition(count > 2, "a peak of \(count) responses")
    let top = curve.indices.max { curve[$0] < curve[$1] }!
    let (left, middle, right) = (curve[(top + count - 1) % count], curve[top], curve[(top + 1) % count])
    let bend = left - 2 * middle + right
    let offset = bend < 0 ? 0.5 * (left - right) / bend : 0
    let angle = (Double(top) + offset) * 180 / Double(count)
    return angle < 0 ? angle + 180 : angle
  }

  /// The direction of the vector sum of a tuning curve, in degrees: with Fourier's first harmonic instead of its peak.
  public static func vectorAngle(_ curve: [Double], at orientations: [Double]) -> Double {
    precondition(
      curve.count == orientations.count, "\(curve.count) responses at \(orientations.count) orientations")
    var (x, y) = (0.0, 0.0)
    for (response, angle) in zip(curve, orientations) {
      x += response * cos(2 * angle * .pi / 180)
      y += response * sin(2 * angle * .pi / 180)
    }
    let angle = atan2(y, x) * 90 / .pi
    return angle < 0 ? angle + 180 : angle
  }
}

/// The feedforward drive of orientation-tuned neurons: `f_i(s) = a (b + exp(κ (cos 2(s - θ_i) - 1)))`.
public struct OrientationTuning: Sendable, Equatable {
  /// κ: larger is sharper.
  public var concentration: Double
  /// b: the drive to the orthogonal orientation, in units of the bump.
  public var baseline: Double
  /// a: rate at the peak without the baseline.
  public var amplitude: Double

  public init(concentration: Double = 2, baseline: Double = 0.1, amplitude: Double = 1) {
    (self.concentration, self.baseline, self.amplitude) = (concentration, baseline, amplitude)
  }

  /// The drive `[N, S]` of neurons by their preferred orientation `[N]` to stimuli of an orientation `[S]`, in degrees.
  public func drive(preferred: [Double], stimuli: [Double]) -> ResponseMatrix {
    ResponseMatrix(neurons: preferred.count, stimuli: stimuli.count) { i, s in
      amplitude * (baseline + Orientation.vonMises(stimuli[s] - preferred[i], concentration: concentration))
    }
  }
}

/// Recurrent weights that depend on the difference of preferred orientations: `W_ij = ρ k(θ_i - θ_j) / Σ_j k - w / N` with
/// `k(Δ) = exp(κ (cos 2Δ - 1))`. Evenly spaced preferences make them circulant, with ρ - w as their largest eigenvalue.
public struct OrientationWeights: Sendable, Equatable {
  /// κ: larger connects fewer orientations.
  public var concentration: Double
  /// ρ: the sum of each row's excitation.
  public var strength: Double
  /// w: broad subtractive inhibition, over the whole row.
  public var inhibition: Double

  public init(concentration: Double = 3, strength: Double = 0.9, inhibition: Double = 0) {
    (self.concentration, self.strength, self.inhibition) = (concentration, strength, inhibition)
  }

  /// `[N · N]` row by row, from column to row, for neurons of these preferred orientations in degrees.
  public func matrix(preferred: [Double]) -> [Double] {
    let count = preferred.count
    return preferred.flatMap { own -> [Double] in
      let kernel = preferred.map { Orientation.vonMises(own - $0, concentration: concentration) }
      let sum = kernel.reduce(0, +)
      return kernel.map { strength * $0 / sum - inhibition / Double(count) }
    }
  }
}
