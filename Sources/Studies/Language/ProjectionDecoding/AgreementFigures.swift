import Figures
import Probing
import StudyCore
import Support

extension ProjectionDecoding.AgreementPart {
  private func percent(_ share: Double) -> String { "\(short(100 * share)) %" }

  func claim(
    _ base: TopTokens, _ rounded: TopTokens, _ permuted: Double, _ courses: [Course],
    _ floor: (agreement: Double, chance: Double, loss: Double)?
  ) -> Claim {
    let tuned = courses.map { course in
      "\(percent(course.agreement.last!)) at rate \(short(course.rate)) (loss \(short(course.losses.first!)) to \(short(Spread(Array(course.losses.suffix(4))).mean)))"
    }
    var parts = ["rounded to four bits \(percent(base.agreement(with: rounded)))"]
    if !tuned.isEmpty { parts.append("tuned \(tuned.joined(separator: ", "))") }
    if let floor {
      parts.append(
        "small models trained apart \(percent(floor.agreement)) (chance \(percent(floor.chance)))")
    }
    parts.append("neurons in another order \(percent(permuted))")
    let last = courses.map { $0.agreement.last! }
    let falls = zip(last, last.dropFirst()).allSatisfy { $0 >= $1 } && (last.first ?? 0) > (last.last ?? 0)
    let isApart = floor.map { $0.agreement < 0.1 } ?? false
    return .decided(
      "5", "A tuned model keeps the tokens of its neurons",
      paper:
        "75.4 % of up-projection neurons of the instruct model decode to the same token as in the base model",
      test:
        "best tokens of up-projections before and after \(bench.options.tuningSteps) steps of tuning on a tale; the base model cannot be had offline. Floors: small models trained apart, neurons in another order",
      criterion:
        "more than 75 % agree after tuning at the lightest rate, fewer the higher the rate, and less than 10 % in models trained apart",
      measured: parts.joined(separator: "; "),
      holds: (last.first ?? 0) > 0.75 && falls && isApart,
      reason: !isApart
        ? "models trained apart agree more often than expected"
        : "tuning changes more, or not in step with the rate",
      unless: courses.count < 2 || floor == nil ? "nothing was tuned or trained at this size" : nil)
  }

  func figure(_ courses: [Course]) -> Plot {
    var plot = Plot(
      name: "agreement", title: "What tuning leaves of the map",
      caption: "Share of neurons whose up-projection decodes to the same token as before tuning.",
      x: .init("steps of tuning"), y: .init("same best token", unit: "%"))
    for course in courses {
      plot.add(
        .linePoints, "rate \(short(course.rate))", x: course.steps, y: course.agreement.map { 100 * $0 })
    }
    return plot
  }

  func blockFigure(_ base: TopTokens, _ rounded: TopTokens, _ courses: [Course], _ each: Int) -> Plot {
    var plot = Plot(
      name: "agreement-by-block", title: "Where the map changes",
      caption:
        "Share of neurons of each block whose up-projection decodes to the same token after tuning, and after rounding to four bits.",
      x: .init("block"), y: .init("same best token", unit: "%", range: 0...100))
    let blocks = bench.model.decoder.blocks.count
    func shares(_ other: TopTokens) -> [Double] {
      (0..<blocks).map { block in
        let range = block * each..<(block + 1) * each
        return 100 * Double(range.count { base.tokens[$0] == other.tokens[$0] }) / Double(each)
      }
    }
    let x = (0..<blocks).map(Double.init)
    for course in courses { plot.add(.line, "rate \(short(course.rate))", x: x, y: shares(course.last)) }
    plot.add(.dashed, "rounded", x: x, y: shares(rounded))
    return plot
  }
}
