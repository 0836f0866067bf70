import Statistics
import Support
import Tensors

/// Readouts that foresee when something comes and what: "when" is one output for events of any kind, "what" one for each outcome,
/// and all read the same features.
///
/// What they learn is a bell at the expected time, as high as the outcome is probable. The local rule learns "when" at every step of
/// the trial and "what" behind it, from the stored trace; others are there to compare with.
///
/// ```swift
/// var readout = WhatWhenReadout(features: x.count, outcomes: 2)
/// let before = readout.prediction(x)                     // before.when [T], before.what [K][T]
/// readout.learn(x, events: timing.events(trial), using: &generator)
/// ```
public struct WhatWhenReadout: Sendable {
  public enum Rule: Sendable {
    case local(LocalRule)
    /// Every fourth step, with one P for all outputs.
    case recursiveLeastSquares(penalty: Double, forgetting: Double)
    case rewardModulated(RewardModulatedRule, gate: AttentionGate)

    /// The paper's rule as we reconstruct it.
    public static let local = Rule.local(LocalRule())
    public static let recursiveLeastSquares = Rule.recursiveLeastSquares(penalty: 1, forgetting: 1)
  }

  /// What is expected in a trial.
  public struct Prediction: Sendable, Equatable {
    /// `[T]`
    public var when: [Double]
    /// `[K][T]`
    public var what: [[Double]]
  }

  public let rule: Rule
  /// w_W, `[F]`
  public private(set) var when: [Double]
  /// w_k, `[K][F]`
  public private(set) var what: [[Double]]
  private var leastSquares: RecursiveLeastSquares?

  public init(features: Int, outcomes: Int, rule: Rule = .local) {
    precondition(features > 0 && outcomes > 0, "\(features) features, \(outcomes) outcomes")
    self.rule = rule
    when = [Double](repeating: 0, count: features)
    what = [[Double]](repeating: when, count: outcomes)
    if case .recursiveLeastSquares(let penalty, let forgetting) = rule {
      leastSquares = RecursiveLeastSquares(features: features, penalty: penalty, forgetting: forgetting)
    }
  }

  /// Readouts with given weights.
  public init(when: [Double], what: [[Double]], rule: Rule = .local) {
    self.init(features: when.count, outcomes: what.count, rule: rule)
    precondition(what.allSatisfy { $0.count == when.count }, "weights of different lengths")
    (self.when, self.what) = (when, what)
  }

  /// The outputs with the weights as they are.
  public func prediction(_ features: FeatureTrajectory) -> Prediction {
    Prediction(when: features.output(of: when), what: what.map(features.output(of:)))
  }

  /// Learns from a trial.
  ///
  /// - Parameter events: The signal of each outcome, `[K][T]`.
  public mutating func learn(
    _ features: FeatureTrajectory, events: [[Double]], using generator: inout RandomGenerator
  ) {
    precondition(
      events.count == what.count && events.allSatisfy { $0.count == features.steps },
      "signals of \(events.count) outcomes for \(what.count) outputs over \(features.steps) steps")
    let any = Self.sum(events)
    switch rule {
    case .local(let local): local.learn(features, events: events, any: any, when: &when, what: &what)
    case .recursiveLeastSquares:
      var weights = [when] + what
      leastSquares?.learn(features, targets: [any] + events, every: 4, weights: &weights)
      (when, what) = (weights[0], Array(weights.dropFirst()))
    case .rewardModulated(let rule, let gate):
      var weights = [when] + what
      rule.learn(
        features, targets: [any] + events, event: any, gate: gate, weights: &weights, using: &generator)
      (when, what) = (weights[0], Array(weights.dropFirst()))
    }
  }

  /// Forgets how certain the weights are: least squares only.
  public mutating func reset() { leastSquares?.reset() }

  private static func sum(_ events: [[Double]]) -> [Double] {
    events[0].indices.map { step in events.reduce(0) { $0 + $1[step] } }
  }

  /// The best that linear readouts of these features can do, by ridge regression over all trials at once.
  ///
  /// - Parameters:
  ///   - events: Of each trial, `[K][T]`.
  ///   - stride: Takes every so manyth step.
  public static func ridge(
    _ features: [FeatureTrajectory], events: [[[Double]]], penalty: Double, every stride: Int = 1
  ) -> WhatWhenReadout {
    precondition(
      features.count == events.count && !features.isEmpty, "\(features.count) trials, \(events.count) signals"
    )
    let (count, outcomes) = (features[0].count, events[0].count)
    var (x, y) = ([Double](), [Double]())
    for (trial, signals) in zip(features, events) {
      let any = sum(signals)
      for step in Swift.stride(from: 0, to: trial.steps, by: stride) {
        x += trial.values[step * count..<(step + 1) * count]
        y.append(any[step])
        for signal in signals { y.append(signal[step]) }
      }
    }
    let rows = x.count / count
    let fit = RidgeRegression(
      Tensor(x, shape: [rows, count]), Tensor(y, shape: [rows, outcomes + 1]), alpha: penalty,
      hasIntercept: false)
    let weights = fit.weights.transposed(0, 1).doubles
    let each = (0...outcomes).map { Array(weights[$0 * count..<($0 + 1) * count]) }
    return WhatWhenReadout(when: each[0], what: Array(each.dropFirst()))
  }
}
