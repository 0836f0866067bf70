/// The gated, normalised delta rule of a linear readout: `w <- w + η G e x / (ε + |x|²)` with e = target - w·x.
///
/// Three factors meet at a synapse: the presynaptic trace x, the readout's own error e, a gate G. Normalising by `|x|²` keeps it
/// stable where the size of x varies (for `0 < η G < 2`).
///
/// ```swift
/// let rule = NormalisedDeltaRule(rate: 0.3)
/// var weights = [Double](repeating: 0, count: features.count)
/// rule.learn(features, target: signal, weights: &weights)
/// ```
public struct NormalisedDeltaRule: Sendable, Equatable {
  /// η
  public var rate: Double
  /// ε
  public var offset: Double

  public init(rate: Double, offset: Double = 0.5) {
    precondition(rate >= 0 && offset >= 0, "rate \(rate), offset \(offset)")
    (self.rate, self.offset) = (rate, offset)
  }

  /// One pass over a trial, step by step.
  ///
  /// - Parameters:
  ///   - target: `[T]`
  ///   - event: The signal that opens the gate, `[T]`; the target itself if nil.
  ///   - stride: Learns at every so manyth step.
  /// - Returns: The output at every step that was learnt at, as it was before learning there; 0 at others.
  @discardableResult
  public func learn(
    _ features: FeatureTrajectory, target: [Double], event: [Double]? = nil, gate: AttentionGate = .open,
    stride: Int = 1, weights: inout [Double]
  ) -> [Double] {
    precondition(
      target.count == features.steps && weights.count == features.count && stride > 0,
      "\(target.count) targets and \(weights.count) weights for features [\(features.steps), \(features.count)]"
    )
    var outputs = [Double](repeating: 0, count: features.steps)
    ReadoutPass(features).run(&weights) { w, x, step in
      guard step % stride == 0 else { return }
      let output = ReadoutKernels.dot(w, x, features.count)
      outputs[step] = output
      let opening = gate(event: event?[step] ?? target[step], expectation: output)
      let factor = rate * opening * (target[step] - output) / (offset + features.squaredNorms[step])
      ReadoutKernels.add(factor, x, to: w, features.count)
    }
    return outputs
  }

  /// One pass over the given steps of a stored trial, each with a share of the rate: replay.
  public func replay(
    _ features: FeatureTrajectory, target: [Double], steps: [(step: Int, share: Double)],
    weights: inout [Double]
  ) {
    precondition(
      target.count == features.steps && weights.count == features.count,
      "\(target.count) targets and \(weights.count) weights for features [\(features.steps), \(features.count)]"
    )
    features.values.withUnsafeBufferPointer { values in
      weights.withUnsafeMutableBufferPointer { buffer in
        let (x, w) = (values.baseAddress!, buffer.baseAddress!)
        for (step, share) in steps {
          let row = x + step * features.count
          let error = target[step] - ReadoutKernels.dot(w, row, features.count)
          let factor = rate * share * error / (offset + features.squaredNorms[step])
          ReadoutKernels.add(factor, row, to: w, features.count)
        }
      }
    }
  }
}

/// A walk over a trial with one readout's weights in hand.
struct ReadoutPass {
  let features: FeatureTrajectory

  init(_ features: FeatureTrajectory) { self.features = features }

  @inline(__always)
  func run(
    _ weights: inout [Double],
    _ body: (_ weights: UnsafeMutablePointer<Double>, _ row: UnsafePointer<Double>, _ step: Int) -> Void
  ) {
    features.values.withUnsafeBufferPointer { values in
      weights.withUnsafeMutableBufferPointer { buffer in
        for step in 0..<features.steps {
          body(buffer.baseAddress!, values.baseAddress! + step * features.count, step)
        }
      }
    }
  }
}
