import Figures
import Models
import StudyCore
import Support

/// Claim 6: a tensor of rank one, the smallest model of three parts that wait for each other.
struct ToyPart {
  let bench: FewShotBench
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }
  private static let kinds: [(name: String, clamped: Set<Int>)] = [
    ("nothing held", []), ("c held", [2]), ("b and c held", [1, 2]),
  ]

  init(_ bench: FewShotBench) { self.bench = bench }

  /// What a course looks like.
  struct Shape {
    /// The first steps in which the loss stays above 80 % of its first value.
    var stay: Int
    /// The longest stretch of steps within 20 % of the loss of a tensor of zeros.
    var plateau: Int
    /// Steps to a tenth of the loss of a tensor of zeros; nil if never.
    var end: Int?

    init(_ losses: [Double], zero: Double) {
      stay = losses.firstIndex { $0 < 0.8 * losses[0] } ?? losses.count
      var (run, longest) = (0, 0)
      for loss in losses {
        run = abs(loss - zero) <= 0.2 * zero ? run + 1 : 0
        longest = max(longest, run)
      }
      plateau = longest
      end = losses.firstIndex { $0 < 0.1 * zero }
    }
  }

  func run() throws {
    let generator = lab.generator("toy")
    let draws = (0..<options.toyDraws).map { draw -> RankOneLearning in
      var own = generator.split(draw)
      return RankOneLearning(dimension: options.toyDimension, using: &own)
    }
    let courses = parallelMap(draws.count) { draw in
      Self.kinds.map { draws[draw].run(steps: options.toySteps, clamped: $0.clamped) }
    }
    let shapes = zip(draws, courses).map { draw, kinds in
      let zero = draw.loss(draw.target.map { $0.map { _ in 0 } })
      return kinds.map { Shape($0.losses, zero: zero) }
    }
    lab.add(claim(shapes))
    try lab.add(table(shapes))
    for plot in figures(courses[0], draws[0]) { try lab.add(plot) }
  }

  private func median(_ values: [Int]) -> String {
    let sorted = values.sorted()
    return short(Double(sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2)
  }

  private func claim(_ shapes: [[Shape]]) -> Claim {
    let passing = shapes.count { $0[0].stay >= 20 && $0[2].stay < 20 }
    let resting = shapes.count { $0[0].plateau >= 20 && $0[2].plateau < 20 }
    func ends(_ kind: Int) -> String {
      let known = shapes.compactMap { $0[kind].end }
      return known.isEmpty
        ? "never" : median(known) + (known.count < shapes.count ? " (\(known.count) draws)" : "")
    }
    lab.measure("toy.stay", Double(passing) / Double(shapes.count))
    lab.measure("toy.plateau", Double(resting) / Double(shapes.count))
    return .decided(
      "6", "Three factors that wait for each other make a plateau; holding two removes it",
      paper:
        "gradient descent on a tensor of rank one rests before it drops; with two vectors clamped it does not",
      test:
        "\(shapes.count) draws of target and start, \(options.toyDimension) numbers a vector, \(options.toySteps) steps at rate 1, with no vector, one and two held at the truth",
      criterion:
        "without clamps the loss stays above 80 % of its first value for 20 steps or more, with two vectors held it does not; in four of five draws",
      measured:
        "\(passing) of \(shapes.count) draws; steps above 80 % of the first value: \(median(shapes.map { $0[0].stay })) with nothing held, \(median(shapes.map { $0[1].stay })) with c, \(median(shapes.map { $0[2].stay })) with b and c (medians). Within 20 % of the loss of zeros for 20 steps or more with nothing held, and not with b and c: \(resting) draws; steps there \(median(shapes.map { $0[0].plateau })), \(median(shapes.map { $0[1].plateau })), \(median(shapes.map { $0[2].plateau })). A tenth of it after \(ends(0)), \(ends(1)), \(ends(2)) steps",
      holds: Double(passing) >= 0.8 * Double(shapes.count),
      reason:
        "the start is as long as the target, and shrinks within a few steps before the loss rests; the rest is at the loss of a tensor of zeros, not at the first value",
      unless: nil)
  }

  private func table(_ shapes: [[Shape]]) -> Table {
    var table = Table(
      name: "toy",
      caption:
        "Steps for which the loss stays above 80 % of its first value, steps within 20 % of the loss of a tensor of zeros, and steps to a tenth of that.",
      columns: ["draw"]
        + Self.kinds.flatMap { ["\($0.name): stays", "\($0.name): rests", "\($0.name): done"] })
    for (draw, kinds) in shapes.enumerated() {
      table.append(
        [.integer(draw)]
          + kinds.flatMap { shape -> [Table.Cell] in
            [.integer(shape.stay), .integer(shape.plateau), shape.end.map { .integer($0) } ?? .missing]
          })
    }
    return table
  }

  private func figures(_ courses: [RankOneLearning.Course], _ draw: RankOneLearning) -> [Plot] {
    // What comes after the last of them is done says nothing.
    let zero = draw.loss(draw.target.map { $0.map { _ in 0 } })
    let ends = courses.compactMap { Shape($0.losses, zero: zero).end }
    let last = min(options.toySteps, ends.count < courses.count ? options.toySteps : 3 * ends.max()! / 2)
    let steps = (0...last).map(Double.init)
    var losses = Plot(
      name: "toy-loss", title: "Three vectors learn a tensor",
      caption: "Loss of the first draw by gradient descent, with none, one or two vectors held at the truth.",
      x: .init("step"), y: .init("loss"))
    for (kind, course) in zip(Self.kinds, courses) {
      losses.add(.line, kind.name, x: steps, y: Array(course.losses[0...last]))
    }
    losses.marks = [.horizontal(zero, label: "loss of zeros")]
    losses.y.range = 0...1.05 * max(zero, courses.map { $0.losses[0] }.max()!)
    var progress = Plot(
      name: "toy-progress", title: "What goes on behind the plateau",
      caption:
        "First draw, nothing held: the loss, one less the squared cosine of the first vector and its target, and the loss that the first vector would have with perfect others, each as a share of its first value.",
      x: .init("step"), y: .init("share of the first value", range: 0...1.3))
    let course = courses[0]
    for (label, values) in [
      ("loss", course.losses), ("1 - cos² of a", course.angles),
      ("loss with b, c perfect", course.unhindered),
    ] { progress.add(.line, label, x: steps, y: values[0...last].map { $0 / values[0] }) }
    return [losses, progress]
  }
}
