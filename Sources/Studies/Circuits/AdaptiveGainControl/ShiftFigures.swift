import Circuits
import Figures
import StudyCore
import Support

/// Pictures of how tuning curves move.
struct ShiftFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  private static let distance = Plot.Axis(
    "preferred orientation from the adapter", unit: "degrees", range: -90...90,
    ticks: [-90, -45, 0, 45, 90].map { ($0, "\(Int($0))") })

  private func course(_ shifts: TuningShifts) -> (x: [Double], y: [Double]) {
    let order = shifts.distances.indices.sorted { shifts.distances[$0] < shifts.distances[$1] }
    return (order.map { shifts.distances[$0] }, order.map { shifts.shifts[$0] })
  }

  func shifts(_ cases: [(label: String, shifts: TuningShifts)]) throws {
    var plot = Plot(
      name: "shifts", title: "Curves move away from the adapter, by recurrence",
      caption:
        "How far each tuning curve's peak moved, by its distance from the adapter: away from it on both sides. Without recurrence nothing moves; broad inhibition turns the flanks.",
      x: Self.distance, y: .init("movement of the peak", unit: "degrees"))
    for (label, shifts) in cases {
      let (x, y) = course(shifts)
      plot.add(.line, label, x: x, y: y)
    }
    let largest = cases.flatMap(\.shifts.shifts).map { abs($0) }.max()!
    plot.y.range = -1.1 * max(largest, 1e-3)...1.1 * max(largest, 1e-3)
    try lab.add(plot)
  }

  func contexts(_ probabilities: [Double], _ found: [GainBench.Adaptation]) throws {
    var plot = Plot(
      name: "contexts", title: "The more frequent the adapter, the more curves move",
      caption: "Movement of peaks by distance from the adapter, for several probabilities of the adapter.",
      x: Self.distance, y: .init("movement of the peak", unit: "degrees"))
    for (p, one) in zip(probabilities, found) {
      let (x, y) = course(one.shifts)
      plot.add(.line, "p = \(short(p))", x: x, y: y)
    }
    let largest = found.map(\.largestRepulsion).max()!
    plot.y.range = -1.1 * max(largest, 1e-3)...1.1 * max(largest, 1e-3)
    try lab.add(plot)
  }

  func varied(_ networks: [TuningShifts], even: TuningShifts) throws {
    var plot = Plot(
      name: "variety", title: "Repulsion in networks without symmetry",
      caption:
        "Movement of the peaks of all neurons of \(networks.count) networks with random preferences, amplitudes and weights, against the even network.",
      x: Self.distance, y: .init("movement of the peak", unit: "degrees"))
    let shown = networks.prefix(40)
    plot.add(
      .points, "random", x: shown.flatMap(\.distances), y: shown.flatMap(\.shifts))
    let (x, y) = course(even)
    plot.add(.line, "even", x: x, y: y)
    let sizes = shown.flatMap(\.shifts).map { abs($0) }.sorted()
    let largest = max(sizes.last ?? 1, 1e-3)
    plot.y.range = -1.1 * largest...1.1 * largest
    try lab.add(plot)
  }
}
