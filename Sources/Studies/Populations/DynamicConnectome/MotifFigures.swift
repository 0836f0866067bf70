import Decomposition
import Figures
import Foundation
import StudyCore
import Support

/// Figures of one simulated population: a raster, and its components as time courses, animals and pairs.
struct MotifFigures {
  private let lab: Lab
  private let trial: MotifTrial
  private let names: [String]

  init(_ lab: Lab, _ trial: MotifTrial, neuronNames: [String]) {
    (self.lab, self.trial, names) = (lab, trial, neuronNames)
  }

  func draw() throws {
    try raster()
    try courses()
    let components = trial.scores.map(\.component)
    let figure = ComponentFigures(lab, prefix: "simulated", names: names)
    try figure.animals(
      trial.factors, components, labels: components.indices.map { "motif \($0 + 1)" },
      animals: (0..<trial.affinity.animals).map { "\($0 + 1)" },
      marked: trial.truth.motifs.map(\.animals))
    for (index, score) in trial.scores.enumerated() {
      let members = trial.truth.motifs[index].members.sorted().map { names[$0] }
      let pairs = trial.factors.column(axis: 2, component: score.component)
      try figure.matrix(
        pairs, trial.affinity.pairs, score.communities,
        title: "Affinities of the component of motif \(index + 1)",
        remark: "Planted members: \(members.joined(separator: ", ")).", name: "matrix-\(index + 1)")
    }
    let clearest = trial.scores.indices.max {
      trial.scores[$0].mutualInformation < trial.scores[$1].mutualInformation
    }!
    try figure.circle(
      trial.factors.column(axis: 2, component: trial.scores[clearest].component), trial.affinity.pairs,
      trial.scores[clearest].communities, title: "Communities of the component of motif \(clearest + 1)")
  }

  /// Calcium of one animal, members of each motif together.
  private func raster() throws {
    var order: [Int] = []
    for motif in trial.truth.motifs { order += motif.members.sorted().filter { !order.contains($0) } }
    order += (0..<names.count).filter { !order.contains($0) }
    let shown = order.filter { trial.traces[0][$0] != nil }
    let rows = shown.reversed().map { neuron -> [Double] in
      let trace = trial.traces[0][neuron]!
      let mean = trace.reduce(0, +) / Double(trace.count)
      let size = (trace.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(trace.count)).squareRoot()
      return trace.map { max(-3, min(3, ($0 - mean) / size)) }
    }
    let seconds = trial.affinity.times.last! + trial.affinity.times[0]
    let motifs = trial.truth.motifs
    var plot = Plot(
      name: "simulated-raster", title: "Calcium of one simulated worm",
      caption:
        "Calcium of every neuron found in the worm, members of motifs 1 to \(motifs.count) on top, one motif after the other. Lines at the foot: when each motif is active (in this worm only if it is one of the motif's animals).",
      x: .init("time", unit: "s"),
      y: .init(
        "",
        ticks: shown.reversed().enumerated().map { (Double($0) + 0.5, names[$1]) }
          + motifs.indices.map { (-Double($0) - 0.5, "motif \($0 + 1)") }))
    plot.height = 680
    plot.heatMap = .init(
      rows: rows, x: 0...seconds, y: 0...Double(shown.count), label: "calcium, standard deviations",
      isDiverging: true)
    for (index, motif) in motifs.enumerated() {
      let y = -Double(index) - 0.5
      plot.add(
        .line, "motif \(index + 1)", x: motif.windows.flatMap { [$0.lowerBound, $0.upperBound, .nan] },
        y: motif.windows.flatMap { _ in [y, y, .nan] })
    }
    // Room for the motifs' lines below the raster.
    plot.heatMap!.rows =
      [[Double]](
        repeating: [Double](repeating: .nan, count: rows[0].count), count: trial.truth.motifs.count + 1)
      + rows
    plot.heatMap!.yRange = -Double(motifs.count) - 1...Double(shown.count)
    try lab.add(plot)
  }

  /// Time courses one above the other, with the planted windows.
  private func courses() throws {
    var plot = Plot(
      name: "simulated-courses", title: "Time courses of the components and planted windows",
      caption:
        "Time course of the component of each planted motif over its maximum, one above the other; straight lines below each: the motif's windows.",
      x: .init("time", unit: "s"),
      y: .init(
        "", range: -0.4...(1.4 * Double(trial.scores.count)),
        ticks: trial.scores.indices.map { (1.4 * Double($0) + 0.4, "motif \($0 + 1)") }))
    for (index, score) in trial.scores.enumerated() {
      let course = trial.factors.column(axis: 0, component: score.component)
      let largest = course.max() ?? 1
      let foot = 1.4 * Double(index)
      plot.add(.line, "motif \(index + 1)", x: trial.affinity.times, y: course.map { foot + $0 / largest })
    }
    for (index, motif) in trial.truth.motifs.enumerated() {
      let foot = 1.4 * Double(index) - 0.12
      plot.add(
        .line, "", x: motif.windows.flatMap { [$0.lowerBound, $0.upperBound, .nan] },
        y: motif.windows.flatMap { _ in [foot, foot, .nan] }, colourOf: "motif \(index + 1)")
    }
    try lab.add(plot)
  }
}
