import Foundation
import Support

/// A neuron that learns to fire, or not, to whole patterns of spikes (Gütig and Sompolinsky, 2006).
///
/// Its potential is `v(t) = Σ_i w_i Σ_{t_i <= t} K(t - t_i)`, without reset; it answers yes when the largest potential of
/// a trial reaches the threshold. After a wrong answer the weights change by `±λ Σ_{t_i <= t_max} K(t_max - t_i)`.
///
/// ```swift
/// var neuron = Tempotron(weights: start, kernel: .init(timeConstant: 15), threshold: 1)
/// for (spikes, isTarget) in trials { neuron.learn(spikes, isTarget: isTarget, duration: 500, rate: 0.01) }
/// ```
public struct Tempotron: Sendable, Equatable {
  /// The postsynaptic potential of one spike, `V0 (exp(-d/τ) - exp(-d/τ_s))` after d, with a peak of one.
  public struct Kernel: Sendable, Equatable {
    /// τ of the membrane.
    public let timeConstant: Double
    /// τ_s of the synapse, below τ.
    public let synapticTimeConstant: Double

    /// - Parameter synapticTimeConstant: A quarter of the membrane's if nil.
    public init(timeConstant: Double, synapticTimeConstant: Double? = nil) {
      self.timeConstant = timeConstant
      self.synapticTimeConstant = synapticTimeConstant ?? timeConstant / 4
      precondition(
        self.synapticTimeConstant > 0 && self.synapticTimeConstant < timeConstant,
        "a synapse of \(self.synapticTimeConstant) on a membrane of \(timeConstant)")
    }

    /// When the potential is largest after a spike.
    public var peakTime: Double {
      timeConstant * synapticTimeConstant / (timeConstant - synapticTimeConstant)
        * log(timeConstant / synapticTimeConstant)
    }

    /// V0, which makes the peak one.
    public var scale: Double {
      1 / (exp(-peakTime / timeConstant) - exp(-peakTime / synapticTimeConstant))
    }

    /// The potential `delay` after a spike; 0 at once and before.
    public func callAsFunction(_ delay: Double) -> Double {
      delay <= 0 ? 0 : scale * (exp(-delay / timeConstant) - exp(-delay / synapticTimeConstant))
    }

    /// The derivatives of the potential with respect to τ and τ_s. At the peak K does not change with time, so V0 changes
    /// only through the exponentials there.
    public func derivatives(_ delay: Double) -> (timeConstant: Double, synapticTimeConstant: Double) {
      guard delay > 0 else { return (0, 0) }
      let (tau, tauS, v0, peak) = (timeConstant, synapticTimeConstant, scale, peakTime)
      let (slow, fast) = (exp(-delay / tau), exp(-delay / tauS))
      let ofScale = (
        -v0 * v0 * exp(-peak / tau) * peak / (tau * tau), v0 * v0 * exp(-peak / tauS) * peak / (tauS * tauS)
      )
      return (
        ofScale.0 * (slow - fast) + v0 * slow * delay / (tau * tau),
        ofScale.1 * (slow - fast) - v0 * fast * delay / (tauS * tauS)
      )
    }
  }

  /// One weight an afferent.
  public var weights: [Double]
  public var kernel: Kernel
  public var threshold: Double

  public init(weights: [Double], kernel: Kernel, threshold: Double) {
    self.weights = weights
    self.kernel = kernel
    self.threshold = threshold
  }

  /// The potential at 0, `step`, 2 `step`, … below `duration`; spike times afferent by afferent, in the kernel's unit.
  public func potential(_ spikes: [[Double]], duration: Double, step: Double = 1) -> [Double] {
    precondition(spikes.count == weights.count, "\(spikes.count) afferents for \(weights.count) weights")
    let count = Int((duration / step).rounded(.up))
    var (slow, fast) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for (weight, times) in zip(weights, spikes) {
      for time in times where time >= 0 {
        let first = Int((time / step).rounded(.up))
        guard first < count else { continue }
        let delay = Double(first) * step - time
        slow[first] += weight * exp(-delay / kernel.timeConstant)
        fast[first] += weight * exp(-delay / kernel.synapticTimeConstant)
      }
    }
    let keep = (exp(-step / kernel.timeConstant), exp(-step / kernel.synapticTimeConstant))
    for time in 1..<max(count, 1) {
      slow[time] += keep.0 * slow[time - 1]
      fast[time] += keep.1 * fast[time - 1]
    }
    let scale = kernel.scale
    return zip(slow, fast).map { scale * ($0 - $1) }
  }

  /// Where the potential of a trial is largest, the first of several: its step and its height.
  public func peak(_ spikes: [[Double]], duration: Double, step: Double = 1) -> (index: Int, value: Double) {
    let potential = potential(spikes, duration: duration, step: step)
    guard let value = potential.max() else { return (0, 0) }
    return (potential.firstIndex(of: value)!, value)
  }

  /// Whether the neuron answers yes.
  public func fires(_ spikes: [[Double]], duration: Double, step: Double = 1) -> Bool {
    peak(spikes, duration: duration, step: step).value >= threshold
  }

  /// Answers a trial and, where the answer is wrong, learns from it.
  ///
  /// - Parameters:
  ///   - rate: λ, the step of the weights.
  ///   - intrinsicRate: The step of τ, τ_s and the threshold along the same error; 0 leaves them.
  /// - Returns: Whether the answer, given before learning, was right.
  @discardableResult
  public mutating func learn(
    _ spikes: [[Double]], isTarget: Bool, duration: Double, step: Double = 1, rate: Double,
    intrinsicRate: Double = 0
  ) -> Bool {
    let peak = peak(spikes, duration: duration, step: step)
    guard (peak.value >= threshold) != isTarget else { return true }
    let (sign, time) = (isTarget ? 1.0 : -1.0, Double(peak.index) * step)
    let old = weights
    var slopes = (0.0, 0.0)
    for (afferent, times) in spikes.enumerated() {
      for spike in times where spike <= time {
        weights[afferent] += sign * rate * kernel(time - spike)
        let slope = intrinsicRate == 0 ? (0, 0) : kernel.derivatives(time - spike)
        slopes = (slopes.0 + old[afferent] * slope.0, slopes.1 + old[afferent] * slope.1)
      }
    }
    if intrinsicRate != 0 { adapt(sign * intrinsicRate, slopes, resolution: step) }
    return false
  }

  /// Moves the neuron's own constants along the error; time constants stay above a step and apart.
  private mutating func adapt(_ rate: Double, _ slopes: (Double, Double), resolution: Double) {
    let tau = max(kernel.timeConstant + rate * slopes.0, 2 * resolution)
    let tauS = min(max(kernel.synapticTimeConstant + rate * slopes.1, 0.5 * resolution), 0.9 * tau)
    kernel = Kernel(timeConstant: tau, synapticTimeConstant: tauS)
    threshold -= rate
  }
}
