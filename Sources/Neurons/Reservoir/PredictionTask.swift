import Support

/// A task of cues and outcomes in which identity, latency and probability are set independently.
///
/// ```swift
/// let usual = PredictionTask.Contingency(probabilities: [0.8, 0.2], latency: 300)
/// let task = PredictionTask([.init(trials: 80, cues: [usual])])
/// let trials = task.trials(using: &generator)
/// ```
public struct PredictionTask: Sendable, Equatable {
  /// What follows a cue.
  public struct Contingency: Sendable, Equatable {
    /// Of each outcome; what they leave of 1 is the probability that nothing comes.
    public var probabilities: [Double]
    /// Of each outcome, milliseconds from the cue's onset.
    public var latencies: [Double]
    /// The standard deviation of the latency, in milliseconds.
    public var jitter: Double

    public init(probabilities: [Double], latencies: [Double], jitter: Double = 0) {
      precondition(
        !probabilities.isEmpty && probabilities.count == latencies.count
          && probabilities.allSatisfy { $0 >= 0 } && probabilities.reduce(0, +) <= 1 + 1e-12,
        "probabilities \(probabilities) with latencies \(latencies)")
      precondition(latencies.allSatisfy { $0 >= 0 } && jitter >= 0, "latencies \(latencies) ± \(jitter)")
      (self.probabilities, self.latencies, self.jitter) = (probabilities, latencies, jitter)
    }

    /// All outcomes at one latency.
    public init(probabilities: [Double], latency: Double, jitter: Double = 0) {
      self.init(
        probabilities: probabilities, latencies: probabilities.map { _ in latency }, jitter: jitter)
    }
  }

  /// Trials with the same contingencies.
  public struct Block: Sendable, Equatable {
    public var name: String
    public var trials: Int
    /// One a cue; cues are drawn alike.
    public var cues: [Contingency]

    public init(_ name: String = "", trials: Int, cues: [Contingency]) {
      let outcomes = cues.first?.probabilities.count
      precondition(
        trials > 0 && !cues.isEmpty && cues.allSatisfy { $0.probabilities.count == outcomes },
        "a block of \(trials) trials with \(cues.count) cues of different numbers of outcomes")
      (self.name, self.trials, self.cues) = (name, trials, cues)
    }
  }

  public let blocks: [Block]

  public init(_ blocks: [Block]) {
    precondition(
      !blocks.isEmpty
        && blocks.allSatisfy { $0.cues[0].probabilities.count == blocks[0].cues[0].probabilities.count },
      "\(blocks.count) blocks of different numbers of outcomes")
    self.blocks = blocks
  }

  public var cueCount: Int { blocks.map(\.cues.count).max()! }
  /// K
  public var outcomeCount: Int { blocks[0].cues[0].probabilities.count }
  public var trialCount: Int { blocks.reduce(0) { $0 + $1.trials } }
  /// The first trial of each block.
  public var starts: [Int] { blocks.indices.map { blocks[..<$0].reduce(0) { $0 + $1.trials } } }

  /// Draws the trials, block after block.
  public func trials(using generator: inout RandomGenerator) -> [PredictionTrial] {
    blocks.flatMap { block in
      (0..<block.trials).map { _ in
        let cue = generator.integer(below: block.cues.count)
        let contingency = block.cues[cue]
        let outcome = Self.outcome(contingency.probabilities, generator.uniform())
        let shift = contingency.jitter > 0 ? contingency.jitter * generator.normal() : 0
        let latency = max(0, contingency.latencies[outcome ?? 0] + shift)
        return PredictionTrial(
          cue: cue, outcome: outcome, latency: latency, expectedLatencies: contingency.latencies)
      }
    }
  }

  private static func outcome(_ probabilities: [Double], _ draw: Double) -> Int? {
    var sum = 0.0
    for (outcome, probability) in probabilities.enumerated() {
      sum += probability
      if draw < sum { return outcome }
    }
    return nil
  }
}
