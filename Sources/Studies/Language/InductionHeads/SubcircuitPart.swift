import Figures
import Foundation
import Models
import Probing
import StudyCore
import Support

/// Claims 4 and 5: networks with one head in the second block, with subcircuits held perfect while the rest is trained.
struct SubcircuitPart {
  let bench: FewShotBench
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }
  typealias Course = FewShotBench.Course

  init(_ bench: FewShotBench) { self.bench = bench }

  /// What is held perfect.
  enum Held: String, CaseIterable, Sendable {
    case none = "nothing"
    case first = "A"
    case match = "B"
    case copy = "C"
    case firstAndMatch = "A + B"
    case firstAndCopy = "A + C"
    /// One head of the first block attends to the token before: a part of A.
    case previousToken = "one previous-token head"
    /// All heads of the first block do: none is left for anything else.
    case allPreviousToken = "all previous-token heads"

    static let single: [Held] = [.first, .match, .copy]
    static let pairs: [Held] = [.firstAndMatch, .firstAndCopy]

    func clamps(heads: Int, active: Int) -> [AttentionClamp] {
      let head = AttentionHead(1, active)
      let rest = AttentionHead.all(1..<2, heads: heads).filter { $0 != head }
      let own: [AttentionClamp] =
        switch self {
        case .none: []
        case .first: [.perfectFirstBlock]
        case .match: [.perfectMatch(head)]
        case .copy: [.perfectCopy(head)]
        case .firstAndMatch: [.perfectFirstBlock, .perfectMatch(head)]
        case .firstAndCopy: [.perfectFirstBlock, .perfectCopy(head)]
        case .previousToken: [.pattern([AttentionHead(0, 0)], .previousToken())]
        case .allPreviousToken: [.pattern(AttentionHead.all(0..<1, heads: heads), .previousToken())]
        }
      return own + [.ablate(rest)]
    }
  }

  /// A kind of network: numbers of classes and labels, and what is held.
  struct Kind: Hashable, Sendable {
    var classes, labels: Int
    var held: Held
  }

  func run() throws {
    var kinds = Held.allCases.map { Kind(classes: options.classes, labels: options.labels, held: $0) }
    let room = bench.features.classes - options.testClasses
    let classes = options.moreClasses.filter { $0 <= room }
    if classes.count < options.moreClasses.count {
      lab.note("The features have room for \(room) classes of training; larger numbers were left out.")
    }
    if options.runs(.data) {
      for number in classes {
        for held in [Held.none, .match] {
          kinds.append(Kind(classes: number, labels: options.labels, held: held))
        }
      }
      for number in options.moreLabels {
        for held in [Held.none, .copy, .firstAndCopy] {
          kinds.append(Kind(classes: options.classes, labels: number, held: held))
        }
      }
    }
    let courses = try train(kinds)
    if options.runs(.clamps) { try SubcircuitReport(bench: bench, courses: courses).report() }
    if options.runs(.data) {
      try DataReport(bench: bench, courses: courses, classes: classes).report()
    }
  }

  /// Networks of each kind, those that take longest first, so that no core waits long in the end.
  private func train(_ kinds: [Kind]) throws -> [Kind: [Course]] {
    let order = kinds.sorted { ($0.held == .none ? 0 : 1) < ($1.held == .none ? 0 : 1) }
    let settings = order.flatMap { kind in
      (0..<options.clampSeeds).map { seed in
        FewShotBench.Setting(
          classes: kind.classes, labels: kind.labels,
          clamps: kind.held.clamps(heads: options.heads, active: options.activeHead), seed: 100 + seed,
          iterations: options.clampIterations, end: 0.2 * FewShotBench.plateau)
      }
    }
    let courses = try bench.train(settings, "training with clamps")
    var result: [Kind: [Course]] = [:]
    for (index, course) in courses.enumerated() {
      result[order[index / options.clampSeeds], default: []].append(course)
    }
    return result
  }
}

extension [FewShotBench.Course] {
  /// When each fell below 0.4 ln 2; the last step where it did not.
  var times: [Double] { map { Double($0.change.time ?? $0.iterations.last ?? 0) } }
  /// Whether all did.
  var haveAllChanged: Bool { allSatisfy { $0.change.time != nil } }

  /// "1,240 ± 80", "more than …" where some did not fall in time.
  var timeText: String {
    let spread = Spread(times)
    return (haveAllChanged ? "" : "more than ") + "\(short(spread.mean.rounded()))"
  }
}

/// Claim 4: which subcircuits make the plateau.
struct SubcircuitReport {
  let bench: FewShotBench
  let courses: [SubcircuitPart.Kind: [FewShotBench.Course]]
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }
  typealias Held = SubcircuitPart.Held

  private func of(_ held: Held) -> [FewShotBench.Course] {
    courses[.init(classes: options.classes, labels: options.labels, held: held)]!
  }

  private func time(_ held: Held) -> Double { Spread(of(held).times).mean }

  private func plateau(_ held: Held) -> Double {
    Spread(of(held).map { Double($0.change.plateauLength) }).mean
  }

  /// Half of the way from the start to 0.4 ln 2, in steps, as a share of the whole time: less than a half for a convex course.
  private func halfTime(_ course: FewShotBench.Course) -> Double? {
    guard let end = course.change.time, end > 0, let start = course.losses.first else { return nil }
    let middle = (start + 0.4 * FewShotBench.plateau) / 2
    guard let half = course.losses.firstIndex(where: { $0 < middle }) else { return nil }
    return Double(course.iterations[half]) / Double(end)
  }

  /// The largest rise from one measurement to any later one until 0.4 ln 2, in nats.
  private func largestRise(_ course: FewShotBench.Course) -> Double {
    var (lowest, rise) = (Double.infinity, 0.0)
    for (iteration, loss) in zip(course.iterations, course.losses) {
      if let time = course.change.time, iteration > time { break }
      lowest = min(lowest, loss)
      rise = max(rise, loss - lowest)
    }
    return rise
  }

  func report() throws {
    for held in Held.allCases {
      lab.measure("clamp.\(held).time", time(held), unit: "iterations")
      lab.measure("clamp.\(held).plateau", plateau(held), unit: "iterations")
    }
    lab.add(claim())
    try lab.add(table())
    for plot in figures() { try lab.add(plot) }
  }

  private func claim() -> Claim {
    let isOrdered =
      Held.single.allSatisfy { time($0) < time(.none) }
      && Held.pairs.allSatisfy { pair in Held.single.allSatisfy { time(pair) < time($0) } }
    let shortens = Held.pairs.contains { 2 * plateau($0) <= plateau(.none) }
    let halves = of(.firstAndCopy).compactMap(halfTime)
    let rise = of(.firstAndCopy).map(largestRise).max() ?? .infinity
    let isConvex =
      halves.count == options.clampSeeds && Spread(halves).mean < 0.5
      && rise < 0.05 * FewShotBench.plateau
    let text = Held.allCases.prefix(6).map { "\($0.rawValue) \(of($0).timeText)" }.joined(separator: ", ")
    let plateaus = Held.allCases.prefix(6).map { "\($0.rawValue) \(short(plateau($0).rounded()))" }
    let unequal =
      Held.single.filter { time($0) >= time(.none) }.map { "\($0.rawValue) is no faster than nothing" }
      + Held.pairs.flatMap { pair in
        Held.single.filter { time(pair) >= time($0) }.map {
          "\(pair.rawValue) is no faster than \($0.rawValue)"
        }
      }
    return .decided(
      "4", "The plateau comes from subcircuits that wait for each other",
      paper:
        "with one head in the second block: clamping a subcircuit speeds learning up, clamping two removes the plateau; match alone (A and C held) is learned along a smooth exponential",
      test:
        "\(options.clampSeeds) networks of each kind, all heads of the second block but \(options.activeHead) silenced; steps to 0.4 ln 2 with A (first block), B (match) or C (copy) held perfect, at most \(options.clampIterations)",
      criterion:
        "nothing held takes longest, then each of A, B, C, then each pair (means); a pair shortens the plateau by half or more; with A and C the loss never rises by more than 5 % of ln 2 and has done half of its fall in less than half of the time",
      measured:
        "steps to 0.4 ln 2: \(text); steps on the plateau: \(plateaus.joined(separator: ", ")); with A and C half of the fall after \(halves.isEmpty ? "no" : short((100 * Spread(halves).mean).rounded())) % of the time, largest rise \(short(rise)) nats",
      holds: isOrdered && shortens && isConvex,
      reason: unequal.isEmpty
        ? (shortens ? "the course with A and C is not convex" : "the plateau does not shorten")
        : unequal.joined(separator: "; "),
      unless: obstacle)
  }

  private var obstacle: String? {
    if options.clampSeeds < 3 { return "\(options.clampSeeds) networks of each kind; three are needed" }
    return of(.firstAndCopy).haveAllChanged || of(.firstAndMatch).haveAllChanged
      ? nil : "no pair was learned in \(options.clampIterations) steps"
  }

  private func table() -> Table {
    var table = Table(
      name: "clamps",
      caption:
        "Networks with one head in the second block: steps until the loss fell below 0.9 and 0.4 ln 2 (the last step where it did not), and steps on the plateau.",
      columns: ["held perfect", "network", "below 0.9 ln 2", "below 0.4 ln 2", "plateau", "last loss (nats)"])
    for held in Held.allCases {
      for (index, course) in of(held).enumerated() {
        table.append([
          .text(held.rawValue), .integer(index), course.change.onset.map { .integer($0) } ?? .missing,
          course.change.time.map { .integer($0) } ?? .missing, .integer(course.change.plateauLength),
          .number(course.losses.last ?? .nan),
        ])
      }
    }
    return table
  }

  private func figures() -> [Plot] {
    func plot(_ name: String, _ title: String, _ caption: String, _ kinds: [Held]) -> Plot {
      var plot = Plot.losses(name: name, title: title, caption: caption)
      for held in kinds {
        let course = of(held)[0]
        plot.add(.line, held.rawValue, x: course.iterations.map(Double.init), y: course.losses)
      }
      let changes = kinds.compactMap { of($0)[0].change.time }
      // What happens after the slowest change says nothing.
      if let last = changes.max() { plot.x.range = 0...Double(last) * 1.15 }
      return plot
    }
    return [
      plot(
        "clamp-losses", "Subcircuits held perfect",
        "Loss of networks of one seed with one head in the second block, with the first block (A), the match (B) or the copy (C) held perfect throughout training; with C held only the two labels in context can be chosen.",
        [.none] + Held.single + Held.pairs),
      plot(
        "clamp-previous", "Previous-token heads given",
        "Loss of networks of one seed with one head in the second block, whose first block has one or only previous-token heads, or is replaced by a perfect one (A).",
        [.none, .previousToken, .allPreviousToken, .first]),
    ]
  }
}

/// Claim 5: which subcircuit numbers of labels and of classes delay.
struct DataReport {
  let bench: FewShotBench
  let courses: [SubcircuitPart.Kind: [FewShotBench.Course]]
  let classes: [Int]
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }
  typealias Held = SubcircuitPart.Held

  /// Steps to 0.4 ln 2 over a number of labels or of classes.
  private struct Series {
    var numbers: [Int]
    var courses: [[FewShotBench.Course]]
    var means: [Double] { courses.map { Spread($0.times).mean } }
    var errors: [Double] { courses.map { Spread($0.times).standardError } }
    var growth: Double { means.last! / means[0] }
    var rises: Bool { zip(means, means.dropFirst()).allSatisfy(<) }
    var hasChanged: Bool { courses.allSatisfy(\.haveAllChanged) }
    var text: String { courses.map(\.timeText).joined(separator: ", ") }
  }

  private func series(_ held: Held, byLabels: Bool) -> Series {
    let numbers = byLabels ? [options.labels] + options.moreLabels : [options.classes] + classes
    return Series(
      numbers: numbers,
      courses: numbers.map { number in
        courses[
          .init(
            classes: byLabels ? options.classes : number, labels: byLabels ? number : options.labels,
            held: held)]!
      })
  }

  func report() throws {
    for byLabels in [true, false] where byLabels || !classes.isEmpty {
      let held: Held = byLabels ? .copy : .match
      let (free, clamped) = (series(.none, byLabels: byLabels), series(held, byLabels: byLabels))
      let what = byLabels ? "labels" : "classes"
      for (name, series) in [("none", free), ("\(held)", clamped)] {
        for (number, mean) in zip(series.numbers, series.means) {
          lab.measure("data.\(what)\(number).\(name).time", mean, unit: "iterations")
        }
      }
      let both = byLabels ? series(.firstAndCopy, byLabels: true) : nil
      lab.add(claim(byLabels, held, free, clamped, both))
      let shown = [("nothing", free), (held.rawValue, clamped)] + (both.map { [("A + C", $0)] } ?? [])
      try lab.add(figure(what, shown))
      try lab.add(table(what, shown))
    }
  }

  private func claim(
    _ byLabels: Bool, _ held: Held, _ free: Series, _ clamped: Series, _ both: Series?
  ) -> Claim {
    let what = byLabels ? "labels" : "classes"
    let numbers = free.numbers.map(String.init).joined(separator: ", ")
    return .decided(
      byLabels ? "5a" : "5b",
      byLabels ? "More labels delay the copy" : "More classes delay the match",
      paper: byLabels
        ? "10 and 15 labels in place of 5 delay the phase change by subcircuit C"
        : "100 and 200 classes in place of 50 delay the phase change by subcircuit B",
      test:
        "\(options.clampSeeds) networks of each kind with one head in the second block, \(numbers) \(what), nothing or \(held.rawValue) held perfect; steps to 0.4 ln 2",
      criterion:
        "with nothing held the time rises with the number of \(what), with \(held.rawValue) held by less than 20 % (means)",
      measured:
        "nothing held \(free.text) (\(short(free.growth)) times), \(held.rawValue) held \(clamped.text) (\(short(clamped.growth)) times)\(both.map { "; A + C held \($0.text) (\(short($0.growth)) times)" } ?? "")",
      holds: free.rises && clamped.growth < 1.2,
      reason: free.rises
        ? "more \(what) delay what is left of the circuit too: of \(short((free.means.last! - free.means[0]).rounded())) further steps \(short((clamped.means.last! - clamped.means[0]).rounded())) are left with \(held.rawValue) held\(both.map { ", and \(short(($0.means.last! - $0.means[0]).rounded())) with A held as well" } ?? "")"
        : "the time does not rise with the number of \(what)",
      unless: obstacle(free, clamped))
  }

  private func obstacle(_ free: Series, _ clamped: Series) -> String? {
    if options.clampSeeds < 3 { return "\(options.clampSeeds) networks of each kind; three are needed" }
    // Where only the last takes longer than there was time for, it took longer.
    let known = free.courses.dropLast().allSatisfy(\.haveAllChanged) && clamped.hasChanged
    return known ? nil : "some networks did not learn the task in \(options.clampIterations) steps"
  }

  private func figure(_ what: String, _ shown: [(held: String, series: Series)]) -> Plot {
    var plot = Plot(
      name: "time-\(what)", title: "When the circuit forms, over the number of \(what)",
      caption:
        "Steps until the loss falls below 0.4 ln 2 with subcircuits held perfect, means and standard errors of \(options.clampSeeds) networks; the last step of training where it did not.",
      x: .init(what), y: .init("steps to 0.4 ln 2"))
    for (held, series) in shown {
      plot.add(
        .linePoints, "\(held) held", x: series.numbers.map(Double.init), y: series.means,
        error: series.errors)
    }
    plot.y.range = 0...1.15 * shown.flatMap { zip($0.series.means, $0.series.errors).map(+) }.max()!
    return plot
  }

  private func table(_ what: String, _ shown: [(held: String, series: Series)]) -> Table {
    var table = Table(
      name: "time-\(what)",
      caption:
        "Steps until the loss fell below 0.4 ln 2 (the last step where it did not) by what was held perfect, mean and standard error.",
      columns: [what] + shown.flatMap { ["\($0.held) held", "± (\($0.held))"] })
    for (index, number) in shown[0].series.numbers.enumerated() {
      table.append(
        [.integer(number)]
          + shown.flatMap { [.number($0.series.means[index]), .number($0.series.errors[index])] })
    }
    return table
  }
}
