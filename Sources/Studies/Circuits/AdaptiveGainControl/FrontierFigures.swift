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
        "Error of reading the stimulus and activity under the biased context, for several prices of activity, with and without the pull γ of gains to 1. Dots: random gains scaled to the activity of an optimum without γ.",
      x: .init("activity"), y: .init("error"))
    plot.add(.linePoints, "γ = 0", x: pure.map(\.activity), y: pure.map(\.error))
    plot.add(.linePoints, "with γ", x: adapted.map(\.activity), y: adapted.map(\.error))
    plot.add(
      .points, "random gains",
      x: pure.flatMap { one in one.random.prefix(100).map { _ in one.activity } },
      y: pure.flatMap { $0.random.prefix(100) })
    try lab.add(plot)
  }

  func closedForm(_ prices: [Double], changes: [Double], errors: [Double]) throws {
    var plot = Plot(
      name: "closed-form", title: "Where the closed form holds",
      caption:
        "The largest error of the closed form for optimal gains, beside the largest change of a gain from 1, by the price of activity: useful while changes are small.",
      x: .init("price of activity α", scale: .log), y: .init("largest over gains", scale: .log))
    plot.add(.linePoints, "change", x: prices, y: changes)
    plot.add(.linePoints, "error", x: prices, y: errors)
    plot.y.range = errors.min()! / 2...2 * max(changes.max()!, errors.max()!)
    try lab.add(plot)
  }
}
