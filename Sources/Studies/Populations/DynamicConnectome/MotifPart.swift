import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Are planted motifs found, with their times and animals? Claims 3 and 4, the choice of the rank, and figures of one population.
struct MotifPart {
  private let options: DynamicConnectome.Options
  private let lab: Lab
  private let trials: MotifTrials

  init(_ options: DynamicConnectome.Options, _ lab: Lab, _ trials: MotifTrials) {
    (self.options, self.lab, self.trials) = (options, lab, trials)
  }

  func report() throws {
    try table()
    recovery()
    animals()
    let figures = MotifFigures(lab, trials.all[0], neuronNames: (1...options.neurons).map { "N\($0)" })
    try figures.draw()
    try scan()
    try export()
  }

  /// Motifs that there is enough of to expect communities: two windows or more, half of the animals or more.
  private static func isAmple(_ motif: WormSimulator.Motif) -> Bool {
    motif.windows.count >= 2 && motif.animals.count { $0 } * 2 >= motif.animals.count
  }

  private func recovery() {
    let scores = trials.scores
    let area = Percentile.median(scores.map(\.score.pairArea))
    let fixed = Percentile.median(scores.map(\.score.staticArea))
    let gain = Percentile.median(scores.map { $0.score.pairArea - $0.score.staticArea })
    let course = Percentile.median(scores.map(\.score.courseCorrelation))
    let ample = scores.filter { Self.isAmple($0.motif) }.map(\.score.mutualInformation)
    let agreement = Spread(ample)
    for (name, value) in [
      ("pairArea", area), ("staticArea", fixed), ("gain", gain), ("course", course),
      ("communities", agreement.mean),
    ] { lab.measure("motifs.\(name)", value) }
    lab.measure("motifs.similarity", Spread(trials.all.map(\.fit.similarity)).mean)
    let claim = (
      area: area >= 0.95, gain: gain >= 0.05, course: course >= 0.5, agreement: agreement.mean >= 0.6
    )
    var failed: [String] = []
    if !claim.area { failed.append("pairs are ranked worse than asked for") }
    if !claim.gain { failed.append("static correlation ranks the pairs nearly as well") }
    if !claim.course { failed.append("time courses follow the windows too loosely") }
    if !claim.agreement { failed.append("communities do not coincide with the members") }
    lab.add(
      .decided(
        "3", "Factorised affinities find dynamic motifs that static correlation misses",
        paper: "motifs of interacting neurons with time courses and animals; no figure",
        test:
          "motifs planted in simulated worms: area under the curve of a component's pairs for pairs of members, against mean correlation; correlation of its time course with the windows; mutual information of its communities with membership (motifs with two windows or more in half of the animals or more)",
        criterion:
          "median area at least 0.95, and in the median at least 0.05 above static correlation's; median correlation at least 0.5; mean mutual information at least 0.6",
        measured:
          "area \(quartiles(scores.map(\.score.pairArea))), static \(quartiles(scores.map(\.score.staticArea))); time course \(quartiles(scores.map(\.score.courseCorrelation))); communities \(agreement.text(2)) (\(ample.count) motifs); medians with quartiles of \(scores.count) motifs",
        holds: failed.isEmpty, reason: failed.joined(separator: "; "),
        unless: ample.isEmpty ? "no motif has two windows in half of the animals; more seeds are needed" : nil
      ))
  }

  private func animals() {
    let areas = trials.scores.compactMap(\.score.animalArea)
    let spread = Spread(areas)
    // Of motifs whose neurons are found.
    let found = Spread(trials.scores.filter { $0.score.pairArea >= 0.95 }.compactMap(\.score.animalArea))
    if !areas.isEmpty { lab.measure("motifs.animalArea", spread.mean) }
    lab.add(
      .decided(
        "4", "A component's animal weights say in which animals its motif is",
        paper: "loadings of animals are read as presence; no figure",
        test:
          "area under the curve of the animal weights for the animals that have the motif, where not all do",
        criterion: "mean area at least 0.9",
        measured: areas.isEmpty
          ? ""
          : "\(spread.text(3)) over \(areas.count) motifs, median \(String(format: "%.3f", Percentile.median(areas))); \(found.text(3)) over the \(found.count) whose pairs are found (area from 0.95)",
        holds: spread.mean >= 0.9,
        reason:
          "motifs that are missed, or mixed with the noise that all animals share, say nothing of the animals",
        unless: areas.isEmpty ? "every motif is in all animals; more seeds are needed" : nil))
  }

  private func quartiles(_ values: [Double]) -> String {
    let sorted = values.sorted()
    func at(_ share: Double) -> Double { sorted[Int((share * Double(sorted.count - 1)).rounded())] }
    return String(format: "%.2f (%.2f to %.2f)", Percentile.median(values), at(0.25), at(0.75))
  }

  private func table() throws {
    var table = Table(
      name: "motifs", caption: "Planted motifs and what was found of them.",
      columns: [
        "population", "motif", "members", "windows", "active (s)", "animals (share)", "pair area",
        "static area",
        "time correlation", "animal area", "mutual information", "communities", "threshold",
      ])
    for (population, trial) in trials.all.enumerated() {
      for (index, (motif, score)) in zip(trial.truth.motifs, trial.scores).enumerated() {
        let seconds = motif.windows.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        table.append([
          .integer(population + 1), .integer(index + 1), .integer(motif.members.count),
          .integer(motif.windows.count), .number(seconds),
          .number(Double(motif.animals.count { $0 }) / Double(motif.animals.count)), .number(score.pairArea),
          .number(score.staticArea), .number(score.courseCorrelation),
          score.animalArea.map { .number($0) } ?? .missing, .number(score.mutualInformation),
          .integer(score.communities.fit.groups),
          .number(score.communities.attempts[score.communities.chosen].threshold),
        ])
      }
    }
    try lab.add(table)
  }

  private func scan() throws {
    var generator = lab.generator("rank scan")
    let scan = try RankScan.run(
      trials.all[0].affinity.tensor, ranks: 1...options.scanRank,
      method: options.decomposition(rank: 1, restarts: options.scanRestarts), using: &generator
    ) { try lab.progress("ranks", $0, of: options.scanRank, unit: "ranks") }
    try RankFigure(scan, name: "rank-scan", what: "simulated worms (\(options.motifs) motifs planted)").add(
      to: lab)
    lab.measure("rankScan.chosen", Double(scan.chosenRank()))
  }

  /// The first population's components, as files.
  private func export() throws {
    let trial = trials.all[0]
    let reports = trial.scores.map {
      MotifReport(
        trial.factors, component: $0.component, times: trial.affinity.times, pairs: trial.affinity.pairs)
    }
    try ConnectomeTables(
      lab, prefix: "simulated", names: (1...options.neurons).map { "N\($0)" },
      animals: (1...options.animals).map { "worm \($0)" }
    ).add(
      trial.factors, reports, trial.scores.map(\.communities), times: trial.affinity.times,
      pairs: trial.affinity.pairs, windows: [])
  }
}
