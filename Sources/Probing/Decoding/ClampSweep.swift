import Models
import Support
import Tensors

/// What a clamp does to the probability of a concept: a sweep of values over prompts.
public struct ClampSweep: Sendable, Equatable {
  public var values: [Double]
  /// Log probability of the concept's likeliest variant by value and prompt, less that without the clamp; nats.
  public var changes: [[Double]]
  /// The rank of that variant with the clamp, by value and prompt.
  public var ranks: [[Int]]

  /// The mean change over prompts, by value.
  public var meanChanges: [Double] { changes.map { $0.reduce(0, +) / Double($0.count) } }
}

/// A sweep that is asked for: a neuron, and a concept as tokens that all stand for it (case and space variants).
public struct ClampQuestion: Sendable, Equatable {
  public var place: NeuronClamp.Place
  public var neuron: NeuronDecoder.Neuron
  public var values: [Double]
  public var concept: [Int]

  public init(
    _ place: NeuronClamp.Place, _ neuron: NeuronDecoder.Neuron, values: [Double], concept: [Int]
  ) {
    precondition(!concept.isEmpty && !values.isEmpty, "a sweep of \(values.count) values for no tokens")
    (self.place, self.neuron, self.values, self.concept) = (place, neuron, values, concept)
  }
}

extension Decoder {
  /// Answers many sweeps over the same prompts, all in common batches.
  ///
  /// - Parameter afterBatch: Told how many of how many texts are done; an error of it ends the work.
  public func clampSweeps(
    _ questions: [ClampQuestion], prompts: [[Int]], tokensPerBatch: Int = 512,
    afterBatch: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [ClampSweep] {
    let cases = questions.indices.flatMap { question in
      questions[question].values.flatMap { value in prompts.map { (question, value, $0) } }
    }
    let intact = clampedLogits(prompts.map { ClampTrial($0) }, tokensPerBatch: tokensPerBatch) { _ in }
    let before = questions.map { question in
      (0..<prompts.count).map { Self.reading(intact[$0], question.concept).logProbability }
    }
    // Logits of a few hundred texts at a time are kept.
    var after: [(logProbability: Double, rank: Int)] = []
    for start in stride(from: 0, to: cases.count, by: 256) {
      let part = cases[start..<min(start + 256, cases.count)]
      let trials = part.map { question, value, prompt in
        ClampTrial(prompt, [NeuronClamp(questions[question].place, questions[question].neuron, value)])
      }
      let logits = try clampedLogits(trials, tokensPerBatch: tokensPerBatch) {
        try afterBatch(start + $0, cases.count)
      }
      for (row, entry) in part.enumerated() {
        after.append(Self.reading(logits[row], questions[entry.0].concept))
      }
    }
    var place = 0
    return questions.indices.map { question in
      let rows = questions[question].values.map { _ in
        defer { place += prompts.count }
        return Array(after[place..<place + prompts.count])
      }
      return ClampSweep(
        values: questions[question].values,
        changes: rows.map { row in zip(row, before[question]).map { $0.logProbability - $1 } },
        ranks: rows.map { $0.map(\.rank) })
    }
  }

  /// Log probability and rank of the likeliest of some tokens under logits `[V]`.
  private static func reading(_ logits: Tensor, _ tokens: [Int]) -> (logProbability: Double, rank: Int) {
    withoutGradients {
      let best = logits.selected(Tensor(tokens), axis: 0).max()
      let rank = Int((logits .> best).to(.int64).sum().item) + 1
      return ((best - logits.logSumExp()).item, rank)
    }
  }
}
