import Support

/// How activity reaches its steady state between two stimuli.
public enum Settling: Sendable, Equatable {
  /// By solving for it.
  case solved
  /// By steps of Euler's method, of `step` in units of τ, from where the last stimulus left it; the adjoint settles in the same way.
  case relaxed(step: Double = 0.05, steps: Int = 400)
}

/// The course of what adapts, stimulus by stimulus.
public struct AdaptationTrace: Sendable {
  /// Behind each stimulus: `[T][N]` gains, or `[T][N · N]` weights.
  public internal(set) var states: [[Double]] = []

  /// The mean of the states of `range`.
  public func mean(_ range: Range<Int>) -> [Double] {
    precondition(!range.isEmpty && range.upperBound <= states.count, "the mean of states \(range)")
    var sum = [Double](repeating: 0, count: states[range.lowerBound].count)
    for state in states[range] { for i in state.indices { sum[i] += state[i] } }
    return sum.map { $0 / Double(range.count) }
  }

  /// How many stimuli it took until `progress` had crossed half of the way from its value before the first stimulus to `end`; nil if
  /// it never did.
  public func halfTime(from start: Double, to end: Double, _ progress: ([Double]) -> Double) -> Int? {
    states.firstIndex { abs(progress($0) - end) <= abs(start - end) / 2 }.map { $0 + 1 }
  }
}

/// Adaptation while stimuli come one by one: behind each, the gradient of this stimulus' cost takes gains a small step down,
/// `g ← max(0, g - η dJ/dg)`.
public struct OnlineGainRule: Sendable {
  /// η, for a stimulus.
  public var rate: Double
  public var settling: Settling

  public init(rate: Double = 0.01, settling: Settling = .solved) {
    (self.rate, self.settling) = (rate, settling)
  }

  /// - Parameters:
  ///   - stimuli: `[T]`: indices of the objective's stimuli in the order in which they come.
  ///   - gains: `[N]` at the start.
  /// - Throws: `CajalError` for a stimulus that there is not, or when gains leave the range where activity settles.
  public func run(_ objective: GainObjective, stimuli: [Int], from gains: [Double]) throws -> AdaptationTrace
  {
    var stepper = try SingleStimulus(objective, stimuli, gains)
    var gains = gains
    var gradient = gains
    var trace = AdaptationTrace()
    for stimulus in stimuli {
      try stepper.present(stimulus, gains, settling, &gradient)
      objective.addHomeostasis(gains, &gradient)
      for i in gains.indices { gains[i] = max(0, gains[i] - rate * gradient[i]) }
      trace.states.append(gains)
    }
    return trace
  }
}

/// The same for synapses, as a baseline: gains stay, and the gradient of one stimulus' cost moves each weight, with the homeostatic pull
/// on `‖W - W₀‖²` instead of on gains. The decoder stays.
public struct OnlineWeightRule: Sendable {
  /// η, for a stimulus.
  public var rate: Double

  public init(rate: Double = 0.001) { self.rate = rate }

  /// - Parameters:
  ///   - gains: `[N]`, fixed.
  ///   - weights: `[N · N]` at the start; the network's own are W₀.
  /// - Returns: Weights `[N · N]` behind each stimulus.
  /// - Throws: As ``OnlineGainRule/run(_:stimuli:from:)``.
  public func run(
    _ objective: GainObjective, stimuli: [Int], gains: [Double], from weights: [Double]
  ) throws -> AdaptationTrace {
    var stepper = try SingleStimulus(objective, stimuli, gains)
    let resting = objective.network.weights
    var (weights, gradient) = (weights, [Double](repeating: 0, count: gains.count))
    var slopes = [Double](repeating: 0, count: resting.count)
    var trace = AdaptationTrace()
    for stimulus in stimuli {
      stepper.workspace.setWeights(weights)
      try stepper.present(stimulus, gains, .solved, &gradient)
      stepper.workspace.weightGradient(gains, into: &slopes)
      for k in weights.indices {
        weights[k] -= rate * (slopes[k] + 2 * objective.homeostasis * (weights[k] - resting[k]))
      }
      trace.states.append(weights)
    }
    return trace
  }
}

/// One stimulus at a time.
private struct SingleStimulus {
  let workspace: GainWorkspace
  private let objective: GainObjective
  private let patterns: [[Double]]

  init(_ objective: GainObjective, _ stimuli: [Int], _ gains: [Double]) throws {
    try objective.network.check(gains.count, "gains")
    let count = objective.drive.stimuli
    if let wrong = stimuli.first(where: { !(0..<count).contains($0) }) {
      throw CajalError("stimulus \(wrong) should be one of \(count), counted from 0")
    }
    self.objective = objective
    patterns = (0..<count).map { objective.drive.pattern($0) }
    workspace = objective.makeWorkspace(stimuli: 1)
  }

  /// The gradient of the stimulus' cost by gains, without the homeostatic part.
  mutating func present(
    _ stimulus: Int, _ gains: [Double], _ settling: Settling, _ gradient: inout [Double]
  ) throws {
    workspace.setDrive(patterns[stimulus])
    var relaxed: (step: Double, steps: Int)?
    switch settling {
    case .solved:
      guard workspace.settle(gains) else { throw GainObjective.unstable }
    case .relaxed(let step, let steps):
      relaxed = (step, steps)
      workspace.relax(gains, step: step, steps: steps)
    }
    _ = workspace.cost([1])
    workspace.gradient(
      gains, [1], activityPrice: objective.activityPrice, relaxed: relaxed, into: &gradient)
    guard gradient.allSatisfy(\.isFinite) else { throw GainObjective.unstable }
  }
}
