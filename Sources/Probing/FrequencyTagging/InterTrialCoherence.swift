import Foundation
import Support
import Tensors

/// How much the phases of repeated trials agree at a frequency: what shows that a channel follows a stimulus, however weakly.
public enum InterTrialCoherence {
  /// `|mean over trials of exp(iφ)|`, from 0 to 1; of phases in radians, trials × frequencies.
  public static func of(phases: [[Double]]) -> [Double] {
    precondition(
      !phases.isEmpty && phases.allSatisfy { $0.count == phases[0].count }, "trials of different lengths")
    return phases[0].indices.map { frequency in
      let real = phases.reduce(0) { $0 + cos($1[frequency]) } / Double(phases.count)
      let imaginary = phases.reduce(0) { $0 + sin($1[frequency]) } / Double(phases.count)
      return (real * real + imaginary * imaginary).squareRoot()
    }
  }

  /// Of trials `[R, T, C]`, by frequency and channel.
  ///
  /// - Parameters:
  ///   - rate: Samples a second.
  ///   - frequencies: In hertz; a trial should hold whole periods of each.
  /// - Throws: `CajalError` for another shape, or a frequency above half the rate.
  public static func of(_ trials: Tensor, rate: Double, frequencies: [Double]) throws -> [[Double]] {
    guard trials.rank == 3, trials.count > 0 else {
      throw CajalError("trials of the shape \(trials.shape), expected trials × samples × channels")
    }
    if let wrong = frequencies.first(where: { $0 <= 0 || $0 > rate / 2 }) {
      throw CajalError(
        "\(wrong) Hz: expected a frequency above 0 and up to \(rate / 2) Hz, half the sampling rate")
    }
    let (count, samples, channels) = (trials.size(0), trials.size(1), trials.size(2))
    let waves = frequencies.flatMap { frequency -> [Double] in
      let angles = (0..<samples).map { 2 * Double.pi * frequency * Double($0) / rate }
      return angles.map { cos($0) } + angles.map { -sin($0) }
    }
    return withoutGradients {
      let basis = Tensor(waves, shape: [2 * frequencies.count, samples], as: trials.elementType)
      // `[R, F, 2, C]`
      let coefficients = basis.matmul(trials.detached()).reshaped(count, frequencies.count, 2, channels)
      let lengths = coefficients.square().sum(axis: 2, keep: true).sqrt().clamped(atLeast: 1e-30)
      let coherence = (coefficients / lengths).mean(axis: 0).square().sum(axis: 1).sqrt().doubles
      return frequencies.indices.map { Array(coherence[$0 * channels..<($0 + 1) * channels]) }
    }
  }
}
