import Control
import Figures
import Foundation
import StudyCore
import Support

/// The pictures of the study.
struct SwimFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  /// The swimming body, its bends, and the neurons that bend it.
  func swimming(
    _ outlines: [[(x: Double, y: Double)]], _ angles: [[Double]], _ activity: [WormMotorCircuit.Activity],
    _ interval: Double, period: Int
  ) throws {
    let shown = min(outlines.count, 6 * period)
    try lab.add(
      Animation(
        name: "swimming", title: "The untrained circuit swims",
        caption:
          "The body from above, head orange, \(Int(Double(shown) * interval)) s; grey shadows every half cycle. No weight was learned.",
        frames: stride(from: 0, to: shown, by: 2).map { outlines[$0] }, interval: 2 * interval,
        shadowEvery: max(1, period / 4)))
    try kymograph(angles, shown, interval)
    try neurons(activity, min(activity.count, 3 * period), interval)
  }

  private func kymograph(_ angles: [[Double]], _ shown: Int, _ interval: Double) throws {
    let joints = angles[0].count
    var plot = Plot(
      name: "kymograph", title: "Bends travel from head to tail",
      caption:
        "The angle of each joint over time, untrained. Stripes that lean to the right run backwards along the body.",
      x: .init("time", unit: "s"),
      y: .init(
        "joint", range: 0.5...Double(joints) + 0.5,
        ticks: (1...joints).map { (Double($0), $0 == 1 ? "1 (head)" : "\($0)") }))
    let end = Double(shown) * interval
    plot.heatMap = Plot.HeatMap(
      rows: (0..<joints).map { joint in (0..<shown).map { angles[$0][joint] } }, x: 0...end,
      y: 0.5...Double(joints) + 0.5, label: "angle (rad)", isDiverging: true)
    plot.height = 320
    try lab.add(plot)
  }

  private func neurons(_ activity: [WormMotorCircuit.Activity], _ shown: Int, _ interval: Double) throws {
    let joints = activity[0].dorsalNeurons.count
    var plot = Plot(
      name: "neurons", title: "Motor neurons of both sides take turns",
      caption:
        "Activity (0 to 1) of the dorsal and the ventral motor neuron at each joint, untrained, one joint a row.",
      x: .init("time", unit: "s"),
      y: .init("joint", range: 0.4...Double(joints) + 1.1, ticks: (1...joints).map { (Double($0), "\($0)") }))
    let times = (0..<shown).map { Double($0) * interval }
    for joint in 0..<joints {
      let base = Double(joint + 1)
      plot.add(
        .thinLine, joint == 0 ? "dorsal" : "", x: times,
        y: (0..<shown).map { base + 0.8 * activity[$0].dorsalNeurons[joint] },
        colourOf: joint == 0 ? nil : "dorsal")
      plot.add(
        .thinLine, joint == 0 ? "ventral" : "", x: times,
        y: (0..<shown).map { base + 0.8 * activity[$0].ventralNeurons[joint] },
        colourOf: joint == 0 ? nil : "ventral")
    }
    try lab.add(plot)
  }

  /// Return over episodes, mean and spread over learners.
  func learning(
    _ name: String, _ title: String, _ caption: String,
    _ curves: [(label: String, courses: [SwimBench.Course])]
  )
    throws
  {
    var plot = Plot(
      name: name, title: title, caption: caption, x: .init("episodes"), y: .init("return", range: 0...1000))
    plot.y.range = 0...max(1, curves.flatMap { $0.courses.flatMap(\.returns) }.max() ?? 1) * 1.05
    for (label, courses) in curves {
      let length = courses.map(\.episodes.count).min() ?? 0
      let x = (0..<length).map { Double(courses[0].episodes[$0]) }
      let values = (0..<length).map { k in courses.map { $0.returns[k] } }
      plot.add(.line, label, x: x, y: values.map { Spread($0).mean })
      for course in courses where courses.count > 1 {
        plot.add(.thinLine, "", x: x, y: Array(course.returns.prefix(length)), colourOf: label)
      }
    }
    try lab.add(plot)
  }

  /// Bars before and after learning.
  func ablations(_ rows: [(label: String, before: [Double], after: [Double])]) throws {
    var plot = Plot(
      name: "ablations", title: "What the circuit needs",
      caption:
        "Return before and after learning by evolution, the same number of episodes for each; bars: standard deviation over learners.",
      x: .init("return"), y: .init("", ticks: rows.indices.map { (Double(rows.count - $0), rows[$0].label) }))
    plot.y.range = 0.4...Double(rows.count) + 0.6
    for (label, pick, shift) in [
      ("before", \(label: String, before: [Double], after: [Double]).before, 0.14),
      ("after", \(label: String, before: [Double], after: [Double]).after, -0.14),
    ] {
      plot.add(
        .points, label, x: rows.map { Spread($0[keyPath: pick]).mean },
        y: rows.indices.map { Double(rows.count - $0) + shift })
      for (k, row) in rows.enumerated() {
        let (spread, y) = (Spread(row[keyPath: pick]), Double(rows.count - k) + shift)
        let ends = [max(0, spread.mean - spread.deviation), spread.mean + spread.deviation]
        plot.add(.line, "", x: ends, y: [y, y], colourOf: label)
      }
    }
    plot.height = 60 + 42 * rows.count
    try lab.add(plot)
  }

  func transfer(_ lengths: [Int], _ curves: [(label: String, returns: [Double])]) throws {
    var plot = Plot(
      name: "transfer", title: "The same four numbers on other bodies",
      caption: "Return of one circuit on bodies of other lengths, without learning anew.",
      x: .init("links"), y: .init("return"))
    for (label, returns) in curves { plot.add(.linePoints, label, x: lengths.map(Double.init), y: returns) }
    plot.y.range = 0...max(1, curves.flatMap(\.returns).max() ?? 1) * 1.08
    try lab.add(plot)
  }
}
