import Foundation
import Recordings
import Support
import Tensors

/// Smooth trajectories that a population shares in single trials: factor analysis whose factors are Gaussian processes in time, each with a
/// time scale of its own (Yu et al., 2009).
///
/// Fitted by expectation and maximisation over trials of equal length; time scales climb the gradient of the expected log likelihood. Counts
/// should be made square roots first, as in the paper.
public struct GaussianProcessFactors: Sendable {
  /// `[N]`
  public let mean: Tensor
  /// `[N, K]`
  public let loadings: Tensor
  /// `[N]`
  public let noise: Tensor
  /// Seconds, of each factor.
  public let timeScales: [Double]
  /// Of a trial, in nats, after every step.
  public let logLikelihoods: [Double]
  /// The noise of a process itself, which keeps its covariance from being singular; its variance is one in all.
  static let jitter = 1e-3
  private let step: Double

  /// - Parameters:
  ///   - trials: `[trials, T, N]`, all at the same times.
  ///   - timeScale: Seconds, at the start.
  /// - Throws: `CajalError` for more factors than neurons, or fewer than two samples a trial.
  public init(_ trials: AlignedTrials, factors: Int, timeScale: Double, iterations: Int = 60) throws {
    let (count, t, n) = (trials.activity.size(0), trials.activity.size(1), trials.neurons.count)
    guard (1...n).contains(factors), t > 1, timeScale > 0 else {
      throw CajalError("\(factors) factors of \(n) neurons in trials of \(t) samples, \(timeScale) s long")
    }
    let step = trials.time.step
    let start = try FactorAnalysis(trials.flattened(), factors: factors, iterations: 100)
    var (mean, loadings, noise) = (start.mean, start.loadings, start.noise)
    var scales = [Double](repeating: timeScale, count: factors)
    var likelihoods: [Double] = []
    let data = trials.activity.to(.float64)
    for _ in 0..<iterations {
      let kernels = scales.map { Self.kernel(t, step: step, $0) }
      let posterior = Posterior(data, mean, loadings, noise, kernels)
      likelihoods.append(posterior.logLikelihood / Double(count))
      if likelihoods.count > 2, let last = likelihoods.last {
        let before = likelihoods[likelihoods.count - 2]
        if abs(last - before) < 1e-6 * abs(before) { break }
      }
      (mean, loadings, noise) = Self.maximise(data, posterior)
      for factor in 0..<factors {
        scales[factor] = Self.climb(posterior.secondMoments[factor], t, step, scales[factor], trials: count)
      }
    }
    (self.mean, self.loadings, self.noise) = (mean, loadings, noise)
    self.step = step
    timeScales = scales
    logLikelihoods = likelihoods
  }

  /// The trajectories of trials, `[trials, T, K]`.
  public func trajectories(_ trials: AlignedTrials) -> Tensor {
    let kernels = timeScales.map { Self.kernel(trials.activity.size(1), step: step, $0) }
    return Posterior(trials.activity.to(.float64), mean, loadings, noise, kernels).means
  }

  /// Squared exponential in time, `[T, T]`.
  static func kernel(_ t: Int, step: Double, _ scale: Double) -> Tensor {
    Tensor(
      (0..<t).flatMap { i in
        (0..<t).map { j in
          let distance = Double(i - j) * step / scale
          return (1 - jitter) * exp(-0.5 * distance * distance) + (i == j ? jitter : 0)
        }
      }, shape: [t, t])
  }

  /// What the trials say about the factors: the covariance is the same for all of them.
  private struct Posterior {
    /// `[trials, T, K]`
    let means: Tensor
    /// `[K·T, K·T]`, factor by factor.
    let covariance: Tensor
    /// By factor, the sum over trials of the expected products over time, `[T, T]`.
    let secondMoments: [Tensor]
    let logLikelihood: Double

    init(_ data: Tensor, _ mean: Tensor, _ loadings: Tensor, _ noise: Tensor, _ kernels: [Tensor]) {
      let (count, t, n, k) = (data.size(0), data.size(1), data.size(2), kernels.count)
      let weighted = loadings / noise.reshaped([n, 1])
      let inner = loadings.transposed(0, 1).matmul(weighted)
      // The prior's precision is made of blocks; what is observed couples factors at one time.
      var rows: [Tensor] = []
      let innerValues = inner.doubles
      let identity = Tensor.eye(t, nil, .float64)
      var logPrior = 0.0
      for a in 0..<k {
        logPrior += kernels[a].signAndLogDeterminant().logarithm.item
        let blocks = (0..<k).map { b -> Tensor in
          let observed = identity * innerValues[a * k + b]
          return a == b ? kernels[a].inverse() + observed : observed
        }
        rows.append(Tensor.concatenated(blocks, axis: 1))
      }
      let precision = Tensor.concatenated(rows)
      let covariance = precision.inverse()
      let centred = data - mean
      // [trials, K·T], factor by factor.
      let evidence = centred.matmul(weighted).permuted([0, 2, 1]).reshaped([count, k * t])
      let flat = evidence.matmul(covariance)
      means = flat.reshaped([count, k, t]).permuted([0, 2, 1]).contiguous()
      self.covariance = covariance
      secondMoments = (0..<k).map { factor in
        let own = flat.narrowed(1, from: factor * t, to: (factor + 1) * t)
        let block = covariance.narrowed(0, from: factor * t, to: (factor + 1) * t)
          .narrowed(1, from: factor * t, to: (factor + 1) * t)
        return own.transposed(0, 1).matmul(own) + block * Double(count)
      }
      let logDeterminant =
        precision.signAndLogDeterminant().logarithm.item + logPrior + noise.log().sum().item * Double(t)
      let squares = (centred * centred / noise).sum().item - (flat * evidence).sum().item
      logLikelihood =
        -0.5 * (squares + Double(count) * (logDeterminant + Double(n * t) * log(2 * Double.pi)))
    }
  }

  /// Regression of the neurons on the factors and a constant.
  private static func maximise(_ data: Tensor, _ posterior: Posterior) -> (
    mean: Tensor, loadings: Tensor, noise: Tensor
  ) {
    let (count, t, n) = (data.size(0), data.size(1), data.size(2))
    let k = posterior.means.size(2)
    let x = posterior.means.reshaped([count * t, k])
    let y = data.reshaped([count * t, n])
    // The spread of the factors about their means, summed over times.
    let blocks = posterior.covariance.reshaped([k, t, k, t]).permuted([0, 2, 1, 3]).doubles
    var spread = [Double](repeating: 0, count: k * k)
    for pair in 0..<k * k {
      for time in 0..<t { spread[pair] += blocks[(pair * t + time) * t + time] }
    }
    let ones = Tensor.full([count * t, 1], 1, .float64)
    let design = Tensor.concatenated([x, ones], axis: 1)
    var gram = design.transposed(0, 1).matmul(design).doubles
    for a in 0..<k { for b in 0..<k { gram[a * (k + 1) + b] += Double(count) * spread[a * k + b] } }
    let moment = design.transposed(0, 1).matmul(y)
    let solution = Tensor(gram, shape: [k + 1, k + 1]).solve(moment)
    let samples = Double(count * t)
    let noise = ((y * y).sum(axis: 0) - (solution * moment).sum(axis: 0)) / samples
    let floor = max((y * y).mean().item * 1e-6, 1e-10)
    return (
      solution[k], solution.narrowed(0, from: 0, to: k).transposed(0, 1).contiguous(),
      Tensor(noise.doubles.map { max($0, floor) })
    )
  }

  /// The time scale of highest expected log likelihood, by golden section on its logarithm about the present one.
  private static func climb(_ moment: Tensor, _ t: Int, _ step: Double, _ scale: Double, trials: Int)
    -> Double
  {
    func value(_ logScale: Double) -> Double {
      let kernel = kernel(t, step: step, exp(logScale))
      return -kernel.solve(moment).trace().item - Double(trials)
        * kernel.signAndLogDeterminant().logarithm.item
    }
    let ratio = 0.618_033_988_75
    var (low, high) = (log(scale) - 0.7, log(scale) + 0.7)
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (first, second) = (value(a), value(b))
    for _ in 0..<10 {
      if first > second {
        (high, b, second) = (b, a, first)
        a = high - ratio * (high - low)
        first = value(a)
      } else {
        (low, a, first) = (a, b, second)
        b = low + ratio * (high - low)
        second = value(b)
      }
    }
    return min(max(exp((low + high) / 2), step / 2), Double(t) * step * 4)
  }
}
