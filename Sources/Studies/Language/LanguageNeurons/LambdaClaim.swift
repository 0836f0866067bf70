import Foundation
import Probing
import StudyCore
import Support

/// Claim 2, on both testbeds: what lambda is good for.
struct LambdaClaim {
  let real: RealPart.Outcome?
  let small: [SmallModel.Outcome]

  /// What the claim asks of a testbed.
  private struct Answer {
    var name: String
    var lambda: String
    /// No selected neuron serves all languages at the swept lambda.
    var isClean: Bool
    /// Some does at a larger one.
    var isSharp: Bool
    var swept: Double
    var plain: Double
    var holds: Bool { isClean && isSharp && swept >= plain }

    var text: String {
      String(
        format:
          "%@: lambda %@, %@ by all languages there, %@ above; damage %.3f nats per token against %.3f at lambda 0",
        name, lambda, isClean ? "no neuron shared" : "neurons shared", isSharp ? "some" : "none", swept, plain
      )
    }
  }

  private static func isSharp(_ found: LanguageBench.Found) -> Bool {
    found.sweep.tried.contains { $0.lambda > found.wide.lambda && $0.served.last! > 0 }
  }

  private static func isClean(_ found: LanguageBench.Found) -> Bool {
    found.wide.neurons.servedCounts.last == 0
  }

  private var answers: [Answer] {
    var answers: [Answer] = []
    if let real {
      answers.append(
        Answer(
          name: "SmolLM2", lambda: short(real.found.wide.lambda), isClean: Self.isClean(real.found),
          isSharp: Self.isSharp(real.found), swept: Spread(real.wide.matrix.diagonal).mean,
          plain: Spread(real.plain).mean))
    }
    if !small.isEmpty {
      answers.append(
        Answer(
          name: "small models", lambda: Spread(small.map(\.found.wide.lambda)).significant,
          isClean: small.allSatisfy { Self.isClean($0.found) },
          isSharp: small.allSatisfy { Self.isSharp($0.found) },
          swept: Spread(small.map { Spread($0.damage.matrix.diagonal).mean }).mean,
          plain: Spread(small.map { Spread($0.plain).mean }).mean))
    }
    return answers
  }

  /// A model that writes no words yet, in nats per byte, says nothing about languages.
  private static let learned = 1.5

  private var obstacle: String? {
    if real == nil || small.isEmpty { return "one of the testbeds was left out" }
    let loss = Spread(small.map { $0.losses[0] }).mean
    return loss < Self.learned
      ? nil
      : "the small models have learned too little (\(short(loss)) nats per byte in training, not below \(Self.learned))"
  }

  var claim: Claim {
    let answers = answers
    return .decided(
      "2", "Counting strong activity with lambda selects better than entropy alone.",
      paper: "Lambda is swept to the largest value at which no selected neuron belongs to all languages.",
      test:
        "The sweep on both testbeds; damage to each language when its neurons are silent, with lambda swept and with lambda 0.",
      criterion:
        "on both testbeds no selected neuron serves all languages at the swept lambda, some do at a larger one, and the mean damage to the own language is at least that at lambda 0",
      measured: answers.map(\.text).joined(separator: "; ") + ".", holds: answers.allSatisfy(\.holds),
      reason: answers.filter { !$0.holds }.map { answer in
        !answer.isClean || !answer.isSharp
          ? "\(answer.name): the sweep has no edge within its range"
          : "\(answer.name): lambda 0 does as much damage"
      }.joined(separator: "; "), unless: obstacle)
  }
}
