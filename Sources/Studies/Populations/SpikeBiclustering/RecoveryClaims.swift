import Foundation
import StudyCore
import Support

/// Claims 1a, 1b and 3a: groups and states are found, and trajectories lie in their bands.
struct RecoveryClaims {
  private let options: SpikeBiclustering.Options
  private let lab: Lab

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  /// Why few populations decide nothing.
  static func obstacle(_ count: Int) -> String? {
    count < 5 ? "the criterion is about five populations; \(count) were simulated (set seeds=5)" : nil
  }

  /// Why short chains decide nothing: the protocol's have 400 sweeps and more.
  static func shortness(_ sweeps: Int) -> String? {
    sweeps < 400 ? "chains of \(sweeps) sweeps are too short; the protocol asks for at least 400" : nil
  }

  /// At least four fifths.
  static func isMost(_ count: Int, of all: Int) -> Bool { 5 * count >= 4 * all }

  func decide(_ runs: [SimulationPart.Run]) {
    let outcomes = runs.filter { $0.setting == .published }.compactMap { $0.outcome(.full) }
    groups(outcomes, runs)
    states(outcomes, runs)
    coverage(outcomes)
  }

  private func groups(_ outcomes: [SimulationPart.Outcome], _ runs: [SimulationPart.Run]) {
    let (found, right) = (outcomes.count { $0.neuronARI >= 0.9 }, outcomes.count { $0.clusters == 3 })
    let holds = Self.isMost(found, of: outcomes.count) && Self.isMost(right, of: outcomes.count)
    let values = outcomes.map { short($0.neuronARI) }.joined(separator: ", ")
    let misplaced = outcomes.filter { $0.neuronARI < 0.9 && $0.neuronARI > 0.85 && $0.clusters == 3 }.count
    let kMeans = Spread(runs.filter { $0.setting == .published }.map(\.kMeansARI))
    lab.add(
      .decided(
        "1a", "The planted groups of neurons are recovered, and how many there are.",
        paper: "the true clusters appear in the posterior similarity matrix (one data set shown)",
        test:
          "\(outcomes.count) populations of \(3 * options.neuronsPerGroup) neurons, \(options.bins) bins (\(Int(100 * options.heldOut)) % of entries hidden), \(options.sweeps) sweeps from \(options.startGroups) k-means groups; adjusted Rand index of the maxPEAR partition.",
        criterion: "index at least 0.9 and posterior mode K = 3, each in at least four of five populations",
        measured:
          "adjusted Rand index \(values) (\(Spread(outcomes.map(\.neuronARI)).text(3))); K = 3 in \(right) of \(outcomes.count); k-means given the true number: \(kMeans.text(3))",
        holds: holds,
        reason:
          "the index is at least 0.9 in \(found) and K = 3 in \(right) of \(outcomes.count) populations; in \(misplaced) of those below, one or two of \(3 * options.neuronsPerGroup) neurons are misplaced",
        unless: Self.obstacle(outcomes.count)))
  }

  private func states(_ outcomes: [SimulationPart.Outcome], _ runs: [SimulationPart.Run]) {
    let (found, right) = (outcomes.count { $0.stateAccuracy >= 0.9 }, outcomes.count { $0.states == 2 })
    let holds = Self.isMost(found, of: outcomes.count) && Self.isMost(right, of: outcomes.count)
    let values = outcomes.map { short($0.stateAccuracy) }.joined(separator: ", ")
    let hmm = Spread(runs.filter { $0.setting == .published }.map(\.hmmAccuracy))
    lab.add(
      .decided(
        "1b", "The planted states are recovered, and how many there are.",
        paper: "both states appear in the posterior similarity matrix (one data set shown)",
        test:
          "As for 1a: share of bins in the right state of the maxPEAR partition under the best matching; states with at least 1 % of the bins are counted.",
        criterion:
          "accuracy at least 0.9 and posterior mode of two states, each in at least four of five populations",
        measured:
          "accuracy \(values) (\(Spread(outcomes.map(\.stateAccuracy)).text(3))); two states in \(right) of \(outcomes.count), modes \(outcomes.map { String($0.states) }.joined(separator: ", ")); hidden Markov model on principal components: \(hmm.text(3))",
        holds: holds,
        reason:
          "accuracy is at least 0.9 in \(found), and two states are likeliest in \(right) of \(outcomes.count) populations; states beyond the two largest hold \(Spread(outcomes.map(\.furtherShare)).percent) of the bins: the prior of states expects several, and short stretches in which the trajectories happen to move otherwise are given one",
        unless: Self.obstacle(outcomes.count)))
  }

  private func coverage(_ outcomes: [SimulationPart.Outcome]) {
    let offsets = outcomes.map(\.offsetCoverage).filter(\.isFinite)
    let factors = outcomes.map(\.factorCoverage).filter(\.isFinite)
    let (offset, factor) = (Spread(offsets), Spread(factors))
    let isFull = offsets.count == outcomes.count && !offsets.isEmpty
    if isFull {
      lab.measure("coverage.offset", offset.mean)
      lab.measure("coverage.factors", factor.mean)
    }
    let range = 0.85...0.99
    lab.add(
      .decided(
        "3a", "Trajectories lie inside their credible bands.",
        paper: "shown for one data set",
        test:
          "Share of bins in which the pointwise 95 % band holds the planted offset m, and the planted factors x after the least-squares map of their mean; groups found, averaged over groups.",
        criterion: "between 85 and 99 % of the bins on average over populations, for m and for x",
        measured: isFull
          ? "m: \(offset.percentAndDeviation); x: \(factor.percentAndDeviation)"
          : "bands for \(offsets.count) of \(outcomes.count) populations",
        holds: isFull && range.contains(offset.mean) && range.contains(factor.mean),
        reason: isFull
          ? "coverage is outside 85 to 99 %"
          : "in some populations none of the planted groups was found as a group",
        unless: Self.shortness(options.sweeps)))
  }
}
