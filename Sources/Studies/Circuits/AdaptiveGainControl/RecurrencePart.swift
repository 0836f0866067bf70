import Circuits
import Figures
import StudyCore
import Support

/// Claims 2 and 5: what is left without recurrence, without gains, and with neurons that each look after themselves.
struct RecurrencePart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }

  init(_ bench: GainBench) { self.bench = bench }

  /// A population in both states, however it came to them.
  private struct Case {
    let label: String
    let key: String
    let report: AdaptationReport
    let shifts: TuningShifts
    let contrast: Double

    init(_ label: String, _ key: String, _ found: GainBench.Adaptation) {
      (self.label, self.key) = (label, key)
      (report, shifts, contrast) = (found.report, found.shifts, found.contrast)
    }

    /// Of a population whose responses behind adaptation are others than its model's.
    init(
      _ label: String, _ key: String, _ found: GainBench.Adaptation, after: ResponseMatrix, contrast: Double
    )
      throws
    {
      (self.label, self.key, self.contrast) = (label, key, contrast)
      report = try AdaptationReport(
        before: found.report.before, after: after, reference: found.report.reference,
        context: found.report.context)
      shifts = try TuningShifts(report, preferred: found.preferred, adapter: found.adapter)
    }

    var largestShift: Double { shifts.shifts.map { abs($0) }.max()! }
    var largestChange: Double {
      zip(report.before.values, report.after.values).map { abs($0 - $1) }.max()!
    }
  }

  func report() throws {
    try lab.progress("ablations", 0, of: 1)
    let whole = try bench.adaptation(bench.objective())
    let silent = OrientationWeights(strength: 0)
    var inhibited = bench.options.weights
    inhibited.inhibition += 0.4
    let cases = [
      Case("recurrent, gains on recurrent drive", "whole", whole),
      Case(
        "no recurrence, gains on output", "silent",
        try bench.adaptation(
          bench.objective(weights: silent, variant: .output))),
      Case("recurrent, gains on output", "output", try bench.adaptation(bench.objective(variant: .output))),
      Case("broad inhibition of 0.4", "inhibited", try bench.adaptation(bench.objective(weights: inhibited))),
      try Case("fixed gains", "fixed", whole, after: fixedGains(whole), contrast: 0),
      try normalised(whole),
    ]
    try lab.add(table(cases))
    for one in cases {
      lab.measure(
        "ablation.\(one.key).repulsion", one.shifts.repulsion(within: GainBench.flank).max()!, unit: "degrees"
      )
      lab.measure("ablation.\(one.key).attraction", one.shifts.largestAttraction, unit: "degrees")
      lab.measure("ablation.\(one.key).variation", one.report.variation.after)
    }
    lab.add(necessity(cases[0], silent: cases[1], fixed: cases[4], whole))
    lab.add(independence(cases[0], cases[5]))
    try ShiftFigures(lab).shifts(
      zip(
        ["recurrent", "gains on output", "inhibition", "no recurrence"],
        [cases[0], cases[2], cases[3], cases[1]]
      ).map { ($0, $1.shifts) })
  }

  /// What the network responds if its gains stay as they were.
  private func fixedGains(_ found: GainBench.Adaptation) throws -> ResponseMatrix {
    try found.objective.network.responses(to: found.objective.drive, gains: found.usual.gains)
  }

  /// Each neuron scales its own output so that its mean is what it was; nobody else is affected.
  private func normalised(_ found: GainBench.Adaptation) throws -> Case {
    let factors = found.report.relativeMeans.before.map { 1 / $0 }
    return try Case(
      "each neuron normalises itself", "normalised", found, after: found.report.before.scaled(by: factors),
      contrast: found.usual.gains[found.adapterNeuron] * (1 - factors[found.adapterNeuron]))
  }

  private func table(_ cases: [Case]) -> Table {
    var table = Table(
      name: "ablations", caption: "What adaptation does with parts taken out or changed.",
      columns: [
        "population", "gain contrast", "least repulsion 10-45° (degrees)",
        "largest repulsion 10-45° (degrees)",
        "largest attraction (degrees)", "variation before", "variation after", "covariance norm, ratio",
        "maximum at the adapter, ratio", "minimum at the adapter, ratio",
      ])
    for one in cases {
      let flank = one.shifts.repulsion(within: GainBench.flank)
      let (variation, correlations) = (one.report.variation, one.report.correlations)
      let neuron = one.shifts.nearestNeuron
      let ratios = one.report.extremeRatios
      table.append([
        .text(one.label), .number(one.contrast), .number(flank.min()!), .number(flank.max()!),
        .number(one.shifts.largestAttraction), .number(variation.before), .number(variation.after),
        .number(correlations.covarianceAfter / correlations.covarianceBefore),
        .number(ratios.maximum[neuron]), .number(ratios.minimum[neuron]),
      ])
    }
    return table
  }

  private func necessity(_ whole: Case, silent: Case, fixed: Case, _ found: GainBench.Adaptation) -> Claim {
    let holds =
      silent.largestShift < 1e-6 && found.smallestRepulsion > GainBench.leastRepulsion
      && fixed.largestChange == 0
    return Claim(
      "2", "Without recurrence no tuning curve moves; without gains nothing changes.",
      paper: "gain changes spread through recurrent weights and so move tuning curves",
      test:
        "the same objective with W = 0 and gains on the output; and the network with the gains of the uniform context",
      criterion:
        "without recurrence no peak moves by 1e-6°, with it every neuron 10 to 45° away by more than 0.2°; with fixed gains responses are the same numbers",
      measured:
        "largest movement without recurrence \(short(silent.largestShift))° (variation of means \(short(silent.report.variation.before)) to \(short(silent.report.variation.after))), with it at least \(short(found.smallestRepulsion))°; largest change with fixed gains \(short(fixed.largestChange))",
      holds: holds, reason: "peaks move without recurrence, or too little with it")
  }

  private func independence(_ whole: Case, _ own: Case) -> Claim {
    Claim(
      "5", "Neurons that each normalise their own mean equalise better, but repel nothing.",
      paper: "independent gain control, which the paper generalises, does not move tuning curves",
      test: "each neuron scaled so that its mean under the biased context is that of the uniform one",
      criterion: "a smaller coefficient of variation than the model's, and no peak that moves by 1e-6°",
      measured:
        "coefficient of variation \(short(own.report.variation.after)) against \(short(whole.report.variation.after)); largest movement \(short(own.largestShift))°",
      holds: own.report.variation.after < whole.report.variation.after && own.largestShift < 1e-6,
      reason: "normalisation equalises less, or moves peaks")
  }
}
