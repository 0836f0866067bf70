import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Are neurons that a motif ranks high needed for what the motif does? Claim 6, in place of the paper's silencing of AWB.
struct SilencingPart {
  private let options: DynamicConnectome.Options
  private let lab: Lab
  private let trials: MotifTrials

  init(_ options: DynamicConnectome.Options, _ lab: Lab, _ trials: MotifTrials) {
    (self.options, self.lab, self.trials) = (options, lab, trials)
  }

  func report() throws {
    var table = Table(
      name: "silencing",
      caption:
        "How far the readout of the motif that a component is locked to falls when one neuron is silenced, by the neuron's rank in the motif's component.",
      columns: ["population", "motif", "highest", "is member", "fall (%)", "lowest", "is member", "fall (%)"])
    var falls: [(high: Double, low: Double)] = []
    for (index, trial) in trials.all.enumerated() {
      try lab.progress("neurons silenced", index, of: trials.all.count, unit: "populations")
      let (motif, component) = lockedMost(trial)
      let strengths = MotifReport.strengths(
        trial.factors.column(axis: 2, component: component), trial.affinity.pairs)
      let order = ranking(strengths)
      let generator = lab.generator("motifs").split(index).split(1)
      let (high, low) = (order[0], order[order.count - 1])
      let fall = (
        high: fall(trial.truth, motif, high, generator), low: fall(trial.truth, motif, low, generator)
      )
      falls.append(fall)
      let members = trial.truth.motifs[motif].members
      table.append([
        .integer(index + 1), .integer(motif + 1), .text("N\(high + 1)"),
        .text(members.contains(high) ? "yes" : "no"), .number(100 * fall.high), .text("N\(low + 1)"),
        .text(members.contains(low) ? "yes" : "no"), .number(100 * fall.low),
      ])
    }
    try lab.add(table)
    claim(falls)
  }

  /// The motif, its windows taken as those of a stimulus, and the component that goes with them most, of all.
  private func lockedMost(_ trial: MotifTrial) -> (motif: Int, component: Int) {
    var best = (overlap: -Double.infinity, motif: 0, component: 0)
    let bins = trial.affinity.times
    for (index, motif) in trial.truth.motifs.enumerated() {
      let isInside = motif.course(bins)
      for component in 0..<trial.factors.rank {
        let course = trial.factors.column(axis: 0, component: component)
        let inside = isInside.reduce(0, +)
        let within = zip(course, isInside).reduce(0) { $0 + $1.0 * $1.1 } / inside
        let outside =
          zip(course, isInside).reduce(0) { $0 + $1.0 * (1 - $1.1) } / (Double(bins.count) - inside)
        let overlap = (within - outside) / (within + outside)
        if overlap > best.overlap { best = (overlap, index, component) }
      }
    }
    return (best.motif, best.component)
  }

  private func claim(_ falls: [(high: Double, low: Double)]) {
    let (high, low) = (Spread(falls.map(\.high)), Spread(falls.map(\.low)))
    let twice = falls.count { $0.high >= 2 * max($0.low, 0) && $0.high > 0 }
    lab.measure("silencing.high", high.mean)
    lab.measure("silencing.low", low.mean)
    lab.add(
      .decided(
        "6", "Neurons that a motif ranks high take part in its response (proxy for AWB)",
        paper: "AWB is predicted to take part in salt avoidance, and silencing it changes the behaviour",
        test:
          "the component that goes most with one motif's windows (as with a stimulus); the motif's readout (members' calcium with weight 1, others' with 0.1) is simulated again with the component's highest- or lowest-ranked neuron silenced; fall of the readout's standard deviation within the motif's windows",
        criterion: "the fall is at least twice as large for the highest in at least 80 % of the populations",
        measured:
          "highest \(high.percentAndDeviation), lowest \(low.percentAndDeviation); twice as large in \(twice) of \(falls.count)",
        holds: Double(twice) >= 0.8 * Double(falls.count),
        reason: "the highest-ranked neuron is often no member of the motif", unless: nil))
  }

  private func fall(
    _ truth: WormSimulator.Truth, _ motif: Int, _ silenced: Int, _ generator: RandomGenerator
  ) -> Double {
    let whole = options.simulator.readout(truth, motif, silenced: nil, using: generator)
    let left = options.simulator.readout(truth, motif, silenced: silenced, using: generator)
    return (whole - left) / whole
  }
}

extension WormSimulator {
  /// The standard deviation, within a motif's windows and over its animals, of a readout of calcium: weight 1 for members,
  /// 0.1 for all others.
  func readout(_ truth: Truth, _ motif: Int, silenced: Int?, using generator: RandomGenerator) -> Double {
    let own = truth.motifs[motif]
    let active = own.animals.indices.filter { own.animals[$0] }
    let deviations = parallelMap(active.count) { index -> Double in
      var stream = generator.split(active[index])
      let calcium = self.calcium(truth, active[index], silenced, &stream)
      let weights = calcium.indices.map { own.members.contains($0) ? 1 : 0.1 }
      let values = own.windows.flatMap { window -> [Double] in
        let first = Int(window.lowerBound * samplingRate)
        return (first..<min(samples, Int(window.upperBound * samplingRate))).map { time -> Double in
          calcium.indices.reduce(0.0) { $0 + weights[$1] * calcium[$1][time] }
        }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }
    return deviations.reduce(0, +) / Double(deviations.count)
  }
}
