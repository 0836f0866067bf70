import Foundation
import Support
import Tensors

/// How series are made smooth.
public enum Smoothing: Sendable, Equatable {
  /// By a Gaussian of so many seconds; it looks into the future, so nothing that is to be predicted may be smoothed by it. The
  /// ends are mirrored, the kernel cut at `truncation` deviations.
  case gaussian(sigma: Double, truncation: Double = 4)
  /// By a Gaussian of so many samples.
  case gaussianSamples(sigma: Double, truncation: Double = 4)
  /// The mean of an odd number of samples, with zeros beyond the ends (NumPy's `convolve(…, "same")`).
  case movingAverage(samples: Int)
  /// `y(t) = α x(t) + (1 - α) y(t - 1)`, from the first sample on: of the past alone.
  case exponential(alpha: Double)
  /// The same, by its time constant in seconds: `α = 1 - exp(-Δt / τ)`.
  case exponentialTime(tau: Double)
}

extension Recording {
  /// - Throws: `CajalError` for a width that is not positive, or seconds where the recording has no times.
  public func smoothed(_ smoothing: Smoothing) throws -> Recording {
    func samples(_ seconds: Double) throws -> Double {
      try seconds * requiredTime(for: "a width in seconds").rate
    }
    switch smoothing {
    case .gaussian(let sigma, let truncation):
      return try smoothed(.gaussianSamples(sigma: samples(sigma), truncation: truncation))
    case .gaussianSamples(let sigma, let truncation):
      guard sigma > 0, truncation > 0, sigma.isFinite else {
        throw CajalError("\(name): a Gaussian of \(sigma) samples, cut at \(truncation) deviations")
      }
      let kernel = Self.gaussian(sigma, truncation)
      return replacing(activity: mapSeries { Self.convolve($0, kernel, mirrored: true, into: $1) })
    case .movingAverage(let count):
      guard count > 0, count % 2 == 1 else {
        throw CajalError("\(name): a moving average of \(count) samples; an odd number was expected")
      }
      let kernel = [Double](repeating: 1 / Double(count), count: count)
      return replacing(activity: mapSeries { Self.convolve($0, kernel, mirrored: false, into: $1) })
    case .exponential(let alpha):
      guard alpha > 0, alpha <= 1 else { throw CajalError("\(name): a weight of the present of \(alpha)") }
      return replacing(
        activity: mapSeries { input, output in
          guard var level = input.first else { return }
          for index in input.indices {
            level = index == 0 ? level : alpha * input[index] + (1 - alpha) * level
            output[index] = level
          }
        })
    case .exponentialTime(let tau):
      guard tau > 0 else { throw CajalError("\(name): a time constant of \(tau) s") }
      return try smoothed(.exponential(alpha: 1 - exp(-1 / samples(tau))))
    }
  }

  /// A Gaussian whose weights add up to 1, of odd length.
  static func gaussian(_ sigma: Double, _ truncation: Double) -> [Double] {
    let radius = Int(truncation * sigma + 0.5)
    let weights = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// A symmetric kernel of odd length; beyond the ends stand zeros, or the series mirrored (`d c b a | a b c d | d c b a`).
  private static func convolve(
    _ input: UnsafeBufferPointer<Double>, _ kernel: [Double], mirrored: Bool,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    let (count, radius) = (input.count, kernel.count / 2)
    guard count > 0 else { return }
    var padded = [Double](repeating: 0, count: count + 2 * radius)
    for index in padded.indices {
      let place = index - radius
      if (0..<count).contains(place) {
        padded[index] = input[place]
      } else if mirrored {
        let period = ((place % (2 * count)) + 2 * count) % (2 * count)
        padded[index] = input[period < count ? period : 2 * count - 1 - period]
      }
    }
    padded.withUnsafeBufferPointer { padded in
      for (offset, weight) in kernel.enumerated() {
        for index in 0..<count { output[index] += weight * padded[index + offset] }
      }
    }
  }
}
