import Circuits
import Figures
import StudyCore
import Support

/// Pictures of one population in both of its states.
struct TuningFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  private static let degrees: [(position: Double, label: String)] = [0, 45, 90, 135, 180].map {
    ($0, "\(Int($0))")
  }

  static func orientation(_ label: String) -> Plot.Axis {
    Plot.Axis(label, unit: "degrees", range: 0...180, ticks: degrees)
  }

  /// Tuning curves of a few neurons, before and after.
  func curves(_ found: GainBench.Adaptation) throws {
    var plot = Plot(
      name: "tuning", title: "Tuning curves before and after adaptation",
      caption:
        "Responses of five neurons by their preferred orientation, adapted to uniform orientations (dashed) and to one orientation that comes more often (solid). Near the adapter both peak and foot fall; curves beside it move away by less than a degree.",
      x: Self.orientation("stimulus"), y: .init("response"))
    let count = found.preferred.count
    let x = closed(Orientation.even(found.report.before.stimuli), 180)
    let chosen = [-3, -1, 0, 1, 3].map { (found.adapterNeuron + $0 * max(1, count / 9) + 2 * count) % count }
    func label(_ neuron: Int) -> String { "\(short(found.preferred[neuron]))°" }
    for neuron in chosen {
      plot.add(.line, label(neuron), x: x, y: closed(found.report.after.curve(neuron)))
    }
    for neuron in chosen {
      plot.add(
        .dashed, "", x: x, y: closed(found.report.before.curve(neuron)), colourOf: label(neuron))
    }
    plot.marks = [.vertical(found.adapter, label: "adapter")]
    plot.y.range = 0...1.15 * found.report.before.values.max()!
    try lab.add(plot)
  }

  /// A circle's values with the first at the end again.
  private func closed(_ values: [Double], _ last: Double? = nil) -> [Double] { values + [last ?? values[0]] }

  /// Numbers of each neuron by its preferred orientation, adapted and not.
  private func add(
    _ found: GainBench.Adaptation, _ after: (label: String, values: [Double]),
    _ before: (label: String, values: [Double]), to plot: inout Plot
  ) {
    let x = closed(found.preferred, 180)
    plot.add(.line, after.label, x: x, y: closed(after.values))
    plot.add(.dashed, before.label, x: x, y: closed(before.values))
    plot.marks = [.vertical(found.adapter, label: "adapter")]
  }

  func gains(_ found: GainBench.Adaptation) throws {
    var plot = Plot(
      name: "gains", title: "Gains of both contexts",
      caption:
        "The gain of each neuron by its preferred orientation, optimal for uniform stimuli and for the biased context.",
      x: Self.orientation("preferred orientation"), y: .init("gain"))
    add(found, ("biased", found.adapted.gains), ("uniform", found.usual.gains), to: &plot)
    plot.y.range = 0...1.15 * max(found.adapted.gains.max()!, found.usual.gains.max()!, 1e-3)
    try lab.add(plot)
  }

  func means(_ found: GainBench.Adaptation) throws {
    let means = found.report.relativeMeans
    var plot = Plot(
      name: "means", title: "Mean responses are equalised in part",
      caption:
        "Each neuron's mean under the biased context over its mean under the uniform one, with the gains of the uniform context and with adapted ones. A flat line at 1 would be perfect homeostasis.",
      x: Self.orientation("preferred orientation"), y: .init("mean response, relative"))
    add(found, ("adapted", means.after), ("not adapted", means.before), to: &plot)
    plot.marks.append(.horizontal(1, label: ""))
    plot.y.range = 0...1.1 * (means.before + means.after).max()!
    try lab.add(plot)
  }

  func correlations(_ found: GainBench.Adaptation) throws {
    let correlations = found.report.correlations
    let n = found.preferred.count
    var plot = Plot(
      name: "correlations", title: "Neurons on both sides of the adapter decorrelate",
      caption:
        "Correlation of each pair of neurons under the biased context, adapted less not adapted; the lines cross at the adapter. Blue pairs are less alike than before.",
      x: Self.orientation("preferred orientation"), y: Self.orientation("preferred orientation"))
    plot.heatMap = Plot.HeatMap(
      rows: (0..<n).map { i in
        (0..<n).map { correlations.after[i * n + $0] - correlations.before[i * n + $0] }
      }, x: 0...180, y: 0...180, label: "change of correlation", isDiverging: true, keepsAspect: true)
    let at = found.adapter
    plot.add(.dashed, "", x: [at, at, .nan, 0, 180], y: [0, 180, .nan, at, at])
    plot.height = 560
    try lab.add(plot)
  }

  /// The rank-1 split of the change.
  func factors(_ found: GainBench.Adaptation) throws {
    let factors = found.report.factors
    var plot = Plot(
      name: "factors", title: "A factor of the neuron times a factor of the stimulus",
      caption:
        "The ratio of adapted to unadapted responses as a product: one factor for each neuron, one for each stimulus; together they explain \(short(100 * factors.explained)) % of the variance of its logarithm.",
      x: Self.orientation("preferred orientation, or stimulus"), y: .init("factor"))
    plot.add(.line, "neuron", x: closed(found.preferred, 180), y: closed(factors.neurons))
    plot.add(
      .line, "stimulus", x: closed(Orientation.even(found.report.before.stimuli), 180),
      y: closed(factors.stimuli))
    plot.marks = [.vertical(found.adapter, label: "adapter")]
    let all = factors.neurons + factors.stimuli
    let (low, high) = (all.min()!, all.max()!)
    plot.y.range = low - 0.05 * (high - low)...high + 0.1 * (high - low)
    try lab.add(plot)
  }
}
