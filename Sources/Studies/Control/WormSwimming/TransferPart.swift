import Control
import Figures
import Foundation
import StudyCore
import Support

/// Claim 5: one circuit on bodies of other lengths.
struct TransferPart {
  private let bench: SwimBench
  private var lab: Lab { bench.lab }

  init(_ bench: SwimBench) { self.bench = bench }

  func report() throws {
    try lab.progress("other bodies", 0, of: 1)
    let tuned = try bench.evolved(
      bench.circuit(), episodes: bench.options.ablationEpisodes, deviation: bench.options.circuitDeviation,
      rate: bench.options.circuitRate / 5, seed: 1000, stage: "tuning the circuit")
    var circuit = bench.circuit()
    let untrained = circuit
    circuit.weights = tuned.parameters
    let lengths = ([bench.options.links] + bench.options.otherLengths.map(Int.init)).sorted()
    func returns(_ circuit: WormMotorCircuit) throws -> [Double] {
      try lengths.map { links in
        bench.meanReturn(circuit.adapted(toJoints: links - 1), in: try bench.swimmer(links: links))
      }
    }
    let (after, before) = (try returns(circuit), try returns(untrained))
    for (links, value) in zip(lengths, after) { lab.measure("return.links.\(links)", value) }
    let own = after[lengths.firstIndex(of: bench.options.links)!]
    let longer = zip(lengths, after).filter { $0.0 > bench.options.links }.map { $0.1 / max(own, 1) }
    let measured = zip(lengths, zip(before, after)).map { "\($0): \(Int($1.1)) (untrained \(Int($1.0)))" }
    lab.add(
      .decided(
        "5", "A circuit tuned on one body swims with others.",
        paper: "controllers carried over to 3 to 13 joints swim (videos)",
        test:
          "the circuit, tuned by evolution on \(bench.options.links) links, unchanged on other lengths; a perceptron has other shapes and cannot be carried over",
        criterion: "on every longer body at least 70 % of the return on its own",
        measured: "return by links: \(measured.joined(separator: ", "))",
        holds: longer.allSatisfy { $0 >= 0.7 }, reason: "a longer body keeps less",
        unless: longer.isEmpty ? "no longer body is among otherLengths" : nil))
    try SwimFigures(lab).transfer(
      lengths, [("tuned on \(bench.options.links) links", after), ("untrained", before)])
  }
}
