import Support

/// Reward-modulated Hebbian learning (Hoerzer, Legenstein and Maass, 2014): one bit, broadcast to all readouts, stands for their errors.
///
/// Each readout explores with its own noise ξ. Where the reward, minus the summed squared error, is above its own running mean, synapses
/// change by `η G ξ x / (ε + |x|²)`; else they stay.
public struct RewardModulatedRule: Sendable, Equatable {
  /// η
  public var rate: Double
  /// ε
  public var offset: Double
  /// The standard deviation of ξ.
  public var exploration: Double
  /// Over how many steps the mean reward runs.
  public var rewardSteps: Double

  public init(rate: Double = 1, offset: Double = 0.5, exploration: Double = 0.1, rewardSteps: Double = 5) {
    precondition(
      rate >= 0 && offset >= 0 && exploration > 0 && rewardSteps >= 1,
      "rate \(rate), offset \(offset), exploration \(exploration), \(rewardSteps) steps")
    (self.rate, self.offset, self.exploration, self.rewardSteps) = (rate, offset, exploration, rewardSteps)
  }

  /// One pass over a trial.
  ///
  /// - Parameters:
  ///   - targets: `[K][T]`
  ///   - event: The signal that opens the gate, `[T]`.
  ///   - weights: `[K][F]`; the first readout is the expectation that opens the gate.
  public func learn(
    _ features: FeatureTrajectory, targets: [[Double]], event: [Double], gate: AttentionGate = .open,
    weights: inout [[Double]], using generator: inout RandomGenerator
  ) {
    precondition(
      targets.count == weights.count && weights.allSatisfy { $0.count == features.count }
        && (targets + [event]).allSatisfy { $0.count == features.steps },
      "targets and weights do not go with features [\(features.steps), \(features.count)]")
    var meanReward: Double?
    features.values.withUnsafeBufferPointer { values in
      for step in 0..<features.steps {
        let x = values.baseAddress! + step * features.count
        let outputs = weights.map { ReadoutKernels.dot($0, x, features.count) }
        let noise = weights.map { _ in exploration * generator.normal() }
        let reward = -weights.indices.reduce(0.0) { sum, output in
          let error = targets[output][step] - outputs[output] - noise[output]
          return sum + error * error
        }
        let isBetter = reward > meanReward ?? reward
        meanReward = (meanReward ?? reward) + (reward - (meanReward ?? reward)) / rewardSteps
        guard isBetter else { continue }
        let opening = gate(event: event[step], expectation: outputs.first ?? 0)
        let factor = rate * opening / (offset + features.squaredNorms[step])
        for output in weights.indices {
          weights[output].withUnsafeMutableBufferPointer {
            ReadoutKernels.add(factor * noise[output], x, to: $0.baseAddress!, features.count)
          }
        }
      }
    }
  }
}
