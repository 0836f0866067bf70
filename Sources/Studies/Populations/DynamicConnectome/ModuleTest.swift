import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Are the neurons known for reversals, and those known for forward runs, together in a component? Claim 7.
struct ModuleTest {
  static let statement =
    "Motifs of real worms hold known modules: reversal neurons around its onset, forward neurons apart from it"
  static let paper =
    "recovers known stimulus circuits (salt, attractants); reversals stand in for stimuli here"
  static let test =
    "sum of a component's affinities among AVA, AVE, RIM, AIB (reversal) and among AVB, RIB, RME (forward), against permuted names of the neurons, the largest over components of unit length; when the reversal component peaks"
  static let criterion =
    "p below 0.01 for both modules, and the reversal component peaks from 3 s before to 5 s after the onset"
  private static let reversal = ["AVA", "AVE", "RIM", "AIB"]
  private static let forward = ["AVB", "RIB", "RME"]

  private let options: DynamicConnectome.Options
  private let lab: Lab
  private let analysis: WormAnalysis

  init(_ options: DynamicConnectome.Options, _ lab: Lab, _ analysis: WormAnalysis) {
    (self.options, self.lab, self.analysis) = (options, lab, analysis)
  }

  private struct Outcome {
    let component: Int
    let sum: Double
    let expected: Double
    let p: Double
    let members: [String]
  }

  func report() {
    let outcomes = [Self.reversal, Self.forward].enumerated().map { index, classes in
      outcome(classes, lab.generator("modules \(index)"))
    }
    guard let reversal = outcomes[0], let forward = outcomes[1] else {
      return lab.add(
        Claim(
          notTestable: "7", Self.statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
          reason: "fewer than three neurons of a module are named in the recordings"))
    }
    let peak = analysis.reports[reversal.component].peaks.first ?? .nan
    lab.measure("modules.reversalP", reversal.p)
    lab.measure("modules.forwardP", forward.p)
    lab.measure("modules.reversalPeak", peak, unit: "s")
    let isTimely = peak >= -3 && peak <= 5
    lab.add(
      .decided(
        "7", Self.statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
        measured:
          "\(text("reversal", reversal)), peaking \(short(peak)) s from the onset; \(text("forward", forward)); \(options.permutations) permutations",
        holds: reversal.p < 0.01 && forward.p < 0.01 && isTimely,
        reason: [
          reversal.p < 0.01 ? nil : "the reversal neurons are not together more than others",
          forward.p < 0.01 ? nil : "the forward neurons are not together more than others",
          isTimely ? nil : "the reversal component peaks elsewhere",
        ].compactMap { $0 }.joined(separator: "; "), unless: nil))
  }

  private func text(_ name: String, _ outcome: Outcome) -> String {
    "\(name) \(short(outcome.sum / outcome.expected)) times what permuted names have, in component \(outcome.component + 1), p = \(short(outcome.p)) (\(outcome.members.count) neurons)"
  }

  private func outcome(_ classes: [String], _ generator: RandomGenerator) -> Outcome? {
    let names = analysis.population.names
    let module = names.indices.filter { index in classes.contains { Self.isMember(names[index], of: $0) } }
    guard module.count > 2 else { return nil }
    let pairs = analysis.affinity.pairs
    let matrices = (0..<analysis.factors.rank).map { component -> [[Double]] in
      let values = analysis.factors.column(axis: 2, component: component)
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return pairs.folded(values.map { $0 / length })
    }
    func sums(_ members: [Int]) -> [Double] {
      matrices.map { matrix in
        var sum = 0.0
        for (index, a) in members.enumerated() { for b in members[(index + 1)...] { sum += matrix[a][b] } }
        return sum
      }
    }
    let own = sums(module)
    let component = own.indices.max { own[$0] < own[$1] }!
    var generator = generator
    var (larger, total) = (1, 0.0)
    for _ in 0..<options.permutations {
      let drawn = sums(generator.subset(module.count, of: names.count))
      total += drawn[component]
      if drawn.max()! >= own[component] { larger += 1 }
    }
    return Outcome(
      component: component, sum: own[component], expected: total / Double(options.permutations),
      p: Double(larger) / Double(options.permutations + 1), members: module.map { names[$0] })
  }

  /// `AVAL` and `AVAR` of AVA, `RMEDV` and `RMED` of RME; not `AVAX`.
  static func isMember(_ name: String, of group: String) -> Bool {
    name.hasPrefix(group) && name.dropFirst(group.count).allSatisfy { "LRDV".contains($0) }
  }
}
