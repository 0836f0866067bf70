import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Are the neurons known for reversals, and those known for forward runs, together in a component? Claims 7a and 7b.
struct ModuleTest {
  static let paper =
    "recovers known stimulus circuits (salt, attractants); reversals stand in for stimuli here"

  /// A group of neuron classes that are known to act together.
  struct Module: Sendable {
    let id: String
    let name: String
    let statement: String
    let classes: [String]
    /// Whether its component must peak around the onset.
    let isTimed: Bool

    var test: String {
      "sum of a component's affinities among \(classes.joined(separator: ", ")), components at unit length, the largest over components; against neurons of permuted names"
    }
    var criterion: String {
      "p below 0.01" + (isTimed ? ", and the component peaks from 3 s before to 5 s after the onset" : "")
    }
  }

  static let modules = [
    Module(
      id: "7a", name: "reversal",
      statement: "A motif of real worms holds the reversal neurons, around the onset of reversals",
      classes: ["AVA", "AVE", "RIM", "AIB"], isTimed: true),
    Module(
      id: "7b", name: "forward", statement: "A motif of real worms holds the forward neurons",
      classes: ["AVB", "RIB", "RME"], isTimed: false),
  ]

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
    for module in Self.modules { report(module) }
  }

  private func report(_ module: Module) {
    guard let outcome = outcome(module.classes, lab.generator("module \(module.name)")) else {
      return lab.add(
        Claim(
          notTestable: module.id, module.statement, paper: Self.paper, test: module.test,
          criterion: module.criterion, reason: "fewer than three of the neurons are named in the recordings"))
    }
    let peak = analysis.reports[outcome.component].peaks.first ?? .nan
    lab.measure("modules.\(module.name)P", outcome.p)
    lab.measure("modules.\(module.name)Peak", peak, unit: "s")
    let isTimely = !module.isTimed || (peak >= -3 && peak <= 5)
    let neurons = outcome.members.joined(separator: ", ")
    lab.add(
      .decided(
        module.id, module.statement, paper: Self.paper, test: module.test, criterion: module.criterion,
        measured:
          "\(short(outcome.sum / outcome.expected)) times what others have, in component \(outcome.component + 1), p = \(short(outcome.p)), peaking \(short(peak)) s from the onset; neurons found in \(analysis.population.animals.count) worms: \(neurons)",
        holds: outcome.p < 0.01 && isTimely,
        reason: outcome.p < 0.01
          ? "its component peaks elsewhere" : "the neurons are not together more than others", unless: nil))
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
