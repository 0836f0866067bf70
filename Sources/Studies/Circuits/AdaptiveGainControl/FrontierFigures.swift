import Figures
import StudyCore
import Support

/// Pictures of what gains trade, and of the closed form.
struct FrontierFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  func frontier(
    _ pure: [(activity: Double, error: Double, random: [Double])],
    adapted: [(activity: Double, error: Double)]
  ) throws {
    var plot = Plot(
      name: "frontier", title: "Fidelity against activity",
      caption:
        "Error of reading the stimulus and activity under the biased context, for several prices of activity. Dots: random gains scaled to the activity of an optimum. With homeostasis gains stay nearer to 1 and off the frontier.",
      x: .init("activity"), y: .init("error"))
    plot.add(.linePoints, "optimal, without homeostasis", x: pure.map(\.activity), y: pure.map(\.error))
    plot.add(.linePoints, "optimal, with homeostasis", x: adapted.map(\.activity), y: adapted.map(\.error))
    plot.add(
      .points, "random gains of the same activity",
      x: pure.flatMap { one in one.random.prefix(100).map { _ in one.activity } },
      y: pure.flatMap { $0.random.prefix(100) })
    try lab.add(plot)
  }

  func closedForm(_ prices: [Double], changes: [Double], errors: [Double]) throws {
    var plot = Plot(
      name: "closed-form", title: "Where the closed form holds",
      caption:
        "The largest error of the closed form for optimal gains, beside the largest change of a gain, by the price of activity: useful while changes are small.",
      x: .init("price of activity α", scale: .log), y: .init("gain", scale: .log))
    plot.add(.linePoints, "largest change of a gain", x: prices, y: changes)
    plot.add(.linePoints, "largest error of the closed form", x: prices, y: errors)
    plot.y.range = errors.min()! / 3...30 * max(changes.max()!, errors.max()!)
    try lab.add(plot)
  }
}
