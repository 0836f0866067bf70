import Circuits
import Figures
import StudyCore
import Support

/// Claim 3: adaptation follows how frequent the adapter is.
struct ContextPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }

  init(_ bench: GainBench) { self.bench = bench }

  /// What an independent computation of the same equations gives in the canonical setting: repulsion and gain contrast, by probability.
  private static let known: [Double: (repulsion: Double, contrast: Double)] = [
    0.1: (0.25, 0.06), 0.2: (0.53, 0.13), 0.35: (0.90, 0.21), 0.5: (1.24, 0.27),
  ]

  func report() throws {
    let none = 1 / Double(bench.options.stimuli)
    let probabilities = [none] + Set(bench.options.probabilities).sorted()
    let objective = try bench.objective()
    try lab.progress("contexts", 0, of: probabilities.count, unit: "contexts")
    let found = try parallelMap(
      probabilities.count, throwing: { try bench.adaptation(objective, probability: probabilities[$0]) })
    var table = Table(
      name: "contexts",
      caption: "Adaptation by the probability of the adapter; the first is the uniform context.",
      columns: [
        "probability", "gain contrast", "largest repulsion (degrees)", "variation before", "variation after",
        "reduction (%)",
      ])
    for (p, one) in zip(probabilities, found) {
      let variation = one.report.variation
      table.append([
        .number(p), .number(one.contrast), .number(one.largestRepulsion), .number(variation.before),
        .number(variation.after), p == none ? .missing : .number(100 * one.report.equalisation),
      ])
      lab.measure("context.p\(short(p)).repulsion", one.largestRepulsion, unit: "degrees")
      lab.measure("context.p\(short(p)).contrast", one.contrast)
    }
    try lab.add(table)
    lab.add(claim(probabilities, found))
    try ShiftFigures(lab).contexts(probabilities, found)
  }

  private func claim(_ probabilities: [Double], _ found: [GainBench.Adaptation]) -> Claim {
    let (repulsions, contrasts) = (found.map(\.largestRepulsion), found.map(\.contrast))
    let reductions = found.dropFirst().map(\.report.equalisation)
    let isVanishing = abs(repulsions[0]) < 1e-4 && abs(contrasts[0]) < 1e-4
    let isSteady = reductions.allSatisfy { (0.25...0.35).contains($0) }
    // Within 5 %, or half of the last digit that is known.
    let misses = zip(probabilities, found).filter { p, one in
      guard bench.options.isCanonical, let known = Self.known[p] else { return false }
      return abs(one.largestRepulsion - known.repulsion) > max(0.05 * known.repulsion, 0.005)
        || abs(one.contrast - known.contrast) > max(0.05 * known.contrast, 0.005)
    }.map { short($0.0) }
    let holds =
      GainBench.rises(repulsions) && GainBench.rises(contrasts) && isVanishing && isSteady && misses.isEmpty
    return Claim(
      "3", "Adaptation grows with the adapter's frequency and vanishes without bias.",
      paper: "gains follow the statistics of the context; no figures in the abstract",
      test:
        "contexts in which the adapter has probability \(probabilities.map(short).joined(separator: ", "))",
      criterion:
        "repulsion and gain contrast grow strictly, are below 1e-4 without bias, and are within 5 % (or half of the last digit) of an independent computation in the canonical setting; the coefficient of variation is lower by 25 to 35 % in every biased context",
      measured:
        "repulsion \(repulsions.map { fixed($0, 2) }.joined(separator: ", "))°, contrast \(contrasts.map { fixed($0, 3) }.joined(separator: ", ")), variation lower by \(reductions.map { fixed(100 * $0, 1) }.joined(separator: ", ")) %",
      holds: holds,
      reason:
        !misses.isEmpty
        ? "other numbers than the independent computation's at \(misses.joined(separator: ", "))"
        : isSteady ? "no steady growth, or adaptation without bias" : "the reduction leaves 25 to 35 %")
  }
}
