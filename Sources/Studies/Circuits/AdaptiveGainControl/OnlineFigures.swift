import Circuits
import Figures
import StudyCore
import Support

/// Pictures of adaptation stimulus by stimulus.
struct OnlineFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  func gains(_ traces: [AdaptationTrace], _ found: GainBench.Adaptation, phase: Int) throws {
    var plot = Plot(
      name: "online", title: "Gains follow the context, stimulus by stimulus",
      caption:
        "Gains of three neurons, mean over \(traces.count) random sequences and one single sequence (thin); dashed: the optimum of each context. Half way through, stimuli become uniform again.",
      x: .init("stimuli", range: 0...Double(2 * phase)), y: .init("gain"))
    let count = found.preferred.count
    var largest = 0.0
    for offset in [0, count / 6, count / 2] {
      let neuron = (found.adapterNeuron + offset) % count
      let angle = short(abs(found.shifts.distances[neuron]))
      let label = offset == 0 ? "adapter" : "\(angle)° away"
      let every = max(1, 2 * phase / 1_200)
      let times = stride(from: 0, to: 2 * phase, by: every).map { $0 }
      let single = times.map { traces[0].states[$0][neuron] }
      let mean = times.map { t in Spread(traces.map { $0.states[t][neuron] }).mean }
      plot.add(.line, label, x: times.map(Double.init), y: mean)
      plot.add(.thinLine, "", x: times.map(Double.init), y: single, colourOf: label)
      plot.add(
        .dashed, "", x: [0, Double(phase), .nan, Double(phase), Double(2 * phase)],
        y: [
          found.adapted.gains[neuron], found.adapted.gains[neuron], .nan, found.usual.gains[neuron],
          found.usual.gains[neuron],
        ], colourOf: label)
      largest = max(largest, single.max()!)
    }
    plot.marks = [.vertical(Double(phase), label: "uniform again")]
    plot.y.range = 0...1.1 * largest
    try lab.add(plot)
  }

  func progress(_ courses: [(label: String, progress: [Double])]) throws {
    let shown = min(courses[0].progress.count, 300)
    var plot = Plot(
      name: "progress", title: "Gains and synapses on the way to their optima",
      caption:
        "How far gains, or synapses in their place, have gone along the line from the optimum of the uniform context to that of the biased one, mean over sequences; the numbers are rates η.",
      x: .init("biased stimuli"), y: .init("share of the way"))
    let times = (1...shown).map(Double.init)
    for (label, progress) in courses {
      plot.add(.line, label, x: times, y: Array(progress.prefix(shown)))
    }
    plot.marks = [.horizontal(0.5, label: "half")]
    let finite = courses.flatMap { $0.progress.prefix(shown) }.filter(\.isFinite)
    plot.y.range = min(0, finite.min() ?? 0)...1.1 * max(1, finite.max() ?? 1)
    try lab.add(plot)
  }
}
