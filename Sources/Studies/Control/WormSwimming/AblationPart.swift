import Control
import Figures
import Foundation
import StudyCore
import Support

/// Claim 6: which parts of the circuit matter, before and after learning.
struct AblationPart {
  private let bench: SwimBench
  private var lab: Lab { bench.lab }

  private struct Variant {
    let label: String
    let key: String
    let change: @Sendable (inout WormMotorCircuit.Configuration) -> Void
  }

  private struct Result {
    let before, after: [Double]
    var start: Double { Spread(before).mean }
    var end: Double { Spread(after).mean }
  }

  init(_ bench: SwimBench) { self.bench = bench }

  /// Sharing, signs and initialisation in all combinations, then what the circuit senses.
  private var variants: [Variant] {
    var all: [Variant] = []
    for sharing in [true, false] {
      for signs in [true, false] {
        for constant in [true, false] {
          let parts = [
            sharing ? "" : "own weights", signs ? "" : "free signs", constant ? "" : "uniform start",
          ]
          let label = parts.filter { !$0.isEmpty }.joined(separator: ", ")
          all.append(
            Variant(
              label: label.isEmpty ? "the circuit" : label,
              key:
                "\(sharing ? "shared" : "own").\(signs ? "signs" : "free").\(constant ? "constant" : "uniform")"
            ) {
              ($0.sharesWeights, $0.constrainsSigns) = (sharing, signs)
              $0.initialisation = constant ? .constant : .uniform
            })
        }
      }
    }
    all.append(Variant(label: "no stretch receptors", key: "deaf") { $0.hasProprioception = false })
    all.append(Variant(label: "no oscillator", key: "still") { $0.hasOscillator = false })
    return all
  }

  func report() throws {
    let variants = variants
    var results: [String: Result] = [:]
    for (done, variant) in variants.enumerated() {
      try lab.progress("ablations", done, of: variants.count, unit: "circuits")
      let courses = try (0..<bench.options.seeds).map { seed in
        try bench.evolved(
          bench.circuit(seed: 100 + seed, variant.change), episodes: bench.options.ablationEpisodes,
          deviation: bench.options.circuitDeviation, rate: bench.options.circuitRate, seed: 100 + seed,
          judgeEvery: .max)
      }
      let result = Result(before: courses.map { $0.returns[0] }, after: courses.map(\.last))
      results[variant.key] = result
      lab.measure("ablation.\(variant.key).before", result.start)
      lab.measure("ablation.\(variant.key).after", result.end)
    }
    try SwimFigures(lab).ablations(
      variants.map { ($0.label, results[$0.key]!.before, results[$0.key]!.after) })
    try table(variants, results)
    decide(results)
  }

  private func table(_ variants: [Variant], _ results: [String: Result]) throws {
    var table = Table(
      name: "ablations",
      caption: "Return before and after \(bench.options.ablationEpisodes) episodes of evolution.",
      columns: ["circuit", "weights", "before", "after"])
    for variant in variants {
      let result = results[variant.key]!
      table.append([
        .text(variant.label), .integer(bench.circuit(seed: 0, variant.change).weights.count),
        .text(Spread(result.before).text(0)), .text(Spread(result.after).text(0)),
      ])
    }
    try lab.add(table)
  }

  private func decide(_ results: [String: Result]) {
    let whole = results["shared.signs.constant"]!
    let single = [
      ("free signs", results["shared.free.constant"]!), ("uniform start", results["shared.signs.uniform"]!),
      ("own weights", results["own.signs.constant"]!),
    ]
    let worst = single.min { $0.1.end < $1.1.end }!.0
    let list = single.map { "\($0.0) \(Int($0.1.start)) → \(Int($0.1.end))" }.joined(separator: ", ")
    lab.add(
      Claim(
        "6a", "Signs of the weights matter most for learning.",
        paper: "constraints on excitation and inhibition are crucial for learning",
        test:
          "each of signs, initialisation and sharing dropped alone, return after \(bench.options.ablationEpisodes) episodes of evolution",
        criterion: "free signs end lowest of the three, and below the whole circuit",
        measured: "\(list); whole \(Int(whole.start)) → \(Int(whole.end))",
        holds: worst == "free signs" && single[0].1.end < whole.end,
        reason: "'\(worst)' ends lower, or free signs end no lower than the whole"))
    lab.add(
      Claim(
        "6b", "Constant weights give the good start.", paper: "initialisation gives the initial return",
        test: "return before learning, constant against uniform weights of the right signs",
        criterion: "uniform weights start at less than half",
        measured: "\(Int(whole.start)) against \(Int(single[1].1.start))",
        holds: single[1].1.start < whole.start / 2, reason: "uniform weights start nearly as well"))
    let (deaf, still) = (results["deaf"]!, results["still"]!)
    lab.add(
      Claim(
        "6c", "Without stretch receptors, or without oscillator, there is no swimming.",
        paper: "both are parts of the circuit (our test)",
        test: "either switched off, before and after learning",
        criterion:
          "untrained less than a third of the whole circuit's return, and after learning less than half",
        measured:
          "no stretch receptors \(Int(deaf.start)) → \(Int(deaf.end)), no oscillator \(Int(still.start)) → \(Int(still.end)); whole \(Int(whole.start)) → \(Int(whole.end))",
        holds: max(deaf.start, still.start) < whole.start / 3 && max(deaf.end, still.end) < whole.end / 2,
        reason: "one of them still swims"))
  }
}
