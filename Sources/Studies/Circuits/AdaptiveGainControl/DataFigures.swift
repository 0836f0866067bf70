import Circuits
import Figures
import StudyCore
import Support

/// Pictures of the orientations of photographs, and of gains under them.
struct NaturalFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  private func closed(_ values: [Double]) -> (x: [Double], y: [Double]) {
    (Orientation.even(values.count) + [180], values + [values[0]])
  }

  func natural(
    _ photographs: [Double], _ discs: [Double], _ gains: [Double], _ control: [Double], usual: [Double]
  ) throws {
    var plot = Plot(
      name: "natural-orientations", title: "Orientations of edges in photographs",
      caption:
        "How frequent edges of each orientation are, relative to uniform: 0 is horizontal, 90 vertical. Images of discs, whose edges have no preference, as a control.",
      x: TuningFigures.orientation("orientation of edges"), y: .init("frequency, relative"))
    for (label, p) in [("photographs", photographs), ("discs", discs)] {
      let (x, y) = closed(p.map { $0 * Double(p.count) })
      plot.add(.line, label, x: x, y: y)
    }
    plot.y.range = 0...1.1 * (photographs + discs).max()! * Double(discs.count)
    try lab.add(plot)

    var adapted = Plot(
      name: "natural-gains", title: "Gains under the orientations of photographs",
      caption:
        "Optimal gains by preferred orientation: for photographs, for discs, and for uniform orientations (dashed).",
      x: TuningFigures.orientation("preferred orientation"), y: .init("gain"))
    for (label, gains) in [("photographs", gains), ("discs", control)] {
      let (x, y) = closed(gains)
      adapted.add(.line, label, x: x, y: y)
    }
    let (x, y) = closed(usual)
    adapted.add(.dashed, "uniform", x: x, y: y)
    let all = gains + control
    let span = max(all.max()! - all.min()!, 1e-3)
    adapted.y.range = all.min()! - 0.2 * span...all.max()! + 0.2 * span
    try lab.add(adapted)
  }
}

/// Pictures of fits to measured tuning.
struct FitFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  /// The change of a few neurons' responses, measured and by the model.
  func changes(_ data: MeasuredTuning, _ fit: TuningFit, of name: String) throws {
    var plot = Plot(
      name: "fit", title: "The change of tuning: \(name) and the fitted model",
      caption:
        "Response after adaptation less response before, by stimulus, for three neurons by their preferred orientation: measured (points) and by the fitted model (lines). The model explains \(short(100 * fit.changeExplained)) % of the variance of all changes.",
      x: .init("stimulus", unit: "degrees", range: 0...180), y: .init("change of response"))
    let count = data.preferred.count
    var all: [Double] = []
    let chosen = [count / 2, count / 3, 0]
    func label(_ neuron: Int) -> String { "\(short(data.preferred[neuron]))°" }
    func change(_ before: ResponseMatrix, _ after: ResponseMatrix, _ neuron: Int) -> [Double] {
      let values = zip(after.curve(neuron), before.curve(neuron)).map { $0 - $1 }
      all += values
      return values
    }
    for neuron in chosen {
      plot.add(
        .points, "", x: data.stimuli, y: change(data.before, data.after, neuron), colourOf: label(neuron))
    }
    for neuron in chosen {
      plot.add(.line, label(neuron), x: data.stimuli, y: change(fit.before, fit.after, neuron))
    }
    let span = max(all.max()! - all.min()!, 1e-9)
    plot.y.range = all.min()! - 0.05 * span...all.max()! + 0.05 * span
    try lab.add(plot)
  }
}
