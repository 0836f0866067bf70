import Circuits
import Figures
import StudyCore
import Support

/// Claim 1: all that is seen in cortex from one mechanism.
struct SignsPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }

  init(_ bench: GainBench) { self.bench = bench }

  /// The five signs of claim 1.
  struct Signs: Sendable {
    let gainIsLowest, responsesFall, curvesAreRepelled, meansEqualise, responsesDecorrelate: Bool
    let extremes: (maximum: Double, minimum: Double)

    init(_ found: GainBench.Adaptation) {
      let neuron = found.adapterNeuron
      let gains = found.adapted.gains
      gainIsLowest = gains.indices.allSatisfy { $0 == neuron || gains[$0] > gains[neuron] }
      let ratios = found.report.extremeRatios
      extremes = (ratios.maximum[neuron], ratios.minimum[neuron])
      responsesFall = extremes.maximum < 0.95 && extremes.minimum < 0.95
      curvesAreRepelled =
        found.smallestRepulsion > GainBench.leastRepulsion
        && found.shifts.largestAttraction <= GainBench.mostAttraction
      meansEqualise = found.report.equalisation >= 0.25
      let correlations = found.report.correlations
      responsesDecorrelate = correlations.covarianceAfter < correlations.covarianceBefore
    }

    var all: [Bool] {
      [gainIsLowest, responsesFall, curvesAreRepelled, meansEqualise, responsesDecorrelate]
    }
  }

  func report() throws {
    try lab.progress("adapting", 0, of: 1)
    let found = try bench.adaptation(bench.objective())
    let signs = Signs(found)
    measure(found, signs)
    lab.add(claim(found, signs))
    let figures = TuningFigures(lab)
    try figures.curves(found)
    try figures.gains(found)
    try figures.means(found)
    try figures.correlations(found)
    try figures.factors(found)
  }

  private func measure(_ found: GainBench.Adaptation, _ signs: Signs) {
    let (variation, correlations) = (found.report.variation, found.report.correlations)
    lab.measure("gain.uniform", found.usual.gains[found.adapterNeuron])
    lab.measure("gain.adapter", found.adapted.gains[found.adapterNeuron])
    lab.measure("gain.largest", found.adapted.gains.max()!)
    lab.measure("ratio.maximum", signs.extremes.maximum)
    lab.measure("ratio.minimum", signs.extremes.minimum)
    lab.measure("repulsion.largest", found.largestRepulsion, unit: "degrees")
    lab.measure("repulsion.smallest", found.smallestRepulsion, unit: "degrees")
    lab.measure("attraction.largest", found.shifts.largestAttraction, unit: "degrees")
    lab.measure("variation.before", variation.before)
    lab.measure("variation.after", variation.after)
    lab.measure("covariance.ratio", correlations.covarianceAfter / correlations.covarianceBefore)
    lab.measure("correlation.before", correlations.correlationBefore)
    lab.measure("correlation.after", correlations.correlationAfter)
    lab.measure("factors.explained", found.report.factors.explained)
    lab.measure("search.evaluations", Double(found.adapted.search.evaluations))
  }

  private func claim(_ found: GainBench.Adaptation, _ signs: Signs) -> Claim {
    let names = [
      "the lowest gain is not the adapter neuron's", "its responses do not fall by 5 %",
      "curves are not all repelled", "means are not equalised by a quarter", "covariances do not shrink",
    ]
    let missing = zip(signs.all, names).filter { !$0.0 }.map(\.1).joined(separator: "; ")
    let (variation, correlations) = (found.report.variation, found.report.correlations)
    return Claim(
      "1", "Gains alone, with fixed synapses, give all signs of adaptation at once.",
      paper: "the model reproduces all effects that were seen in cortex; no figures in the abstract",
      test:
        "optimal gains for uniform stimuli and for one orientation with probability \(short(bench.options.probability)); both populations under the biased context",
      criterion:
        "(a) the lowest gain at the neuron that prefers the adapter; (b) its largest and smallest response below 0.95 of before; (c) every neuron 10 to 45° from the adapter repelled by more than 0.2°, none attracted by more than 0.05°; (d) the coefficient of variation of mean responses lower by 25 %; (e) covariances off the diagonal of smaller norm",
      measured:
        "(a) gain \(short(found.adapted.gains[found.adapterNeuron])) of \(short(found.usual.gains[found.adapterNeuron])) before, elsewhere up to \(short(found.adapted.gains.max()!)); (b) \(short(signs.extremes.maximum)) and \(short(signs.extremes.minimum)); (c) \(short(found.smallestRepulsion)) to \(short(found.repulsion.max() ?? .nan))°, largest attraction \(short(found.shifts.largestAttraction))°; (d) \(short(variation.before)) to \(short(variation.after)), \(short(100 * found.report.equalisation)) % less; (e) norm \(fixed(correlations.covarianceAfter / correlations.covarianceBefore, 4)) of before",
      holds: signs.all.allSatisfy { $0 }, reason: missing)
  }
}
