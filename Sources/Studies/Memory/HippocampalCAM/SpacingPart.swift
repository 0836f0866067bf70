import Figures
import Neurons
import StudyCore
import Support

/// Claim 5: how close operations may come.
struct SpacingPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }
  private static let (bits, density) = (30, 0.3)

  private struct Score: Sendable {
    let cues, bits: RecallScore
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let settings = options.spacingCues.flatMap { cues in options.spacings.map { (cues, $0) } }
    let count = options.spacingNetworks
    let results = try bench.repeated("spacing", settings.count * count) { index, generator in
      let (cues, spacing) = settings[index / count]
      return try [true, false].map {
        try score(cues: cues, spacing: spacing, overwriting: $0, &generator)
      }
    }
    let sums = settings.indices.map { place in
      [0, 1].map { kind -> Score in
        let own = results[place * count..<(place + 1) * count].map { $0[kind] }
        return Score(cues: own.map(\.cues).sum, bits: own.map(\.bits).sum)
      }
    }
    try lab.add(table(settings, sums))
    try lab.add(figure(settings, sums))
    lab.add(claim(settings, sums.map { $0[0] }))
  }

  /// Learns, overwrites half with recalls in between, then recalls everything; every recall counts.
  private func score(cues: Int, spacing: Int, overwriting: Bool, _ generator: inout RandomGenerator) throws
    -> Score
  {
    var memories = RandomMemories(cues: cues, bits: Self.bits, density: Self.density, using: &generator)
    var operations = memories.learning
    if overwriting {
      for cue in generator.subset(cues / 2, of: cues) {
        operations += memories.relearn([cue], Self.density, using: &generator)
        operations.append(.recallByCue(generator.integer(below: cues)))
        operations.append(.recallByContent([generator.integer(below: Self.bits)]))
      }
    }
    operations += memories.allCues + memories.allBits
    let graded = try bench.graded(operations, in: try bench.memory(cues, Self.bits), .every(spacing))
    return Score(cues: graded.byCue, bits: graded.byContent)
  }

  private func table(_ settings: [(Int, Int)], _ sums: [[Score]]) -> Table {
    var table = Table(
      name: "spacing",
      caption:
        "Exact answers by milliseconds between operations: as learnt, and with half of the cues overwritten and recalls in between (\(Self.bits) bits, density \(short(Self.density)), \(options.spacingNetworks) networks).",
      columns: [
        "cues", "spacing (ms)", "by cue", "by bit", "by cue, overwritten", "by bit, overwritten",
      ])
    for ((cues, spacing), sum) in zip(settings, sums) {
      table.append([
        .integer(cues), .integer(spacing), .number(sum[1].cues.exactShare), .number(sum[1].bits.exactShare),
        .number(sum[0].cues.exactShare), .number(sum[0].bits.exactShare),
      ])
      lab.measure("spacing.\(spacing)ms.cues\(cues).byCue", sum[0].cues.exactShare)
      lab.measure("spacing.\(spacing)ms.cues\(cues).byBit", sum[0].bits.exactShare)
    }
    return table
  }

  private func figure(_ settings: [(Int, Int)], _ sums: [[Score]]) -> Plot {
    var plot = Plot(
      name: "spacing", title: "Operations need their time",
      caption:
        "Share of exact answers over the time between operations, half of the cues overwritten and recalls in between; by cue (lines) and by one bit of content (dashed), for memories of several sizes.",
      x: .init("time between operations", unit: "ms"), y: .init("exact answers", range: 0...1.04))
    for cues in options.spacingCues {
      let own = settings.indices.filter { settings[$0].0 == cues }
      let x = own.map { Double(settings[$0].1) }
      plot.add(.linePoints, "\(cues) cues, by cue", x: x, y: own.map { sums[$0][0].cues.exactShare })
      plot.add(
        .dashed, "\(cues) cues, by bit", x: x, y: own.map { sums[$0][0].bits.exactShare },
        colourOf: "\(cues) cues, by cue")
    }
    return plot
  }

  private func claim(_ settings: [(Int, Int)], _ sums: [Score]) -> Claim {
    /// Of all sizes together.
    func share(_ spacing: Int) -> (cues: RecallScore, bits: RecallScore) {
      let own = settings.indices.filter { settings[$0].1 == spacing }.map { sums[$0] }
      return (own.map(\.cues).sum, own.map(\.bits).sum)
    }
    let (at5, at7, at10, at14) = (share(5), share(7), share(10), share(14))
    let obstacle = [5, 7, 10, 14].contains { !options.spacings.contains($0) }
    func worse(_ s: (cues: RecallScore, bits: RecallScore)) -> Double {
      min(s.cues.exactShare, s.bits.exactShare)
    }
    let conditions = [
      ("not all right at 14 ms", at14.cues.isPerfect && at14.bits.isPerfect),
      ("less than 98 % at 10 ms", worse(at10) >= 0.98), ("95 % or more at 7 ms", worse(at7) < 0.95),
      ("half or more at 5 ms", worse(at5) < 0.5),
    ]
    let broken = conditions.filter { !$0.1 }.map(\.0)
    func text(_ spacing: Int, _ s: (cues: RecallScore, bits: RecallScore)) -> String {
      "\(spacing) ms: \(MemoryBench.percent(s.cues.exactShare)) by cue, \(MemoryBench.percent(s.bits.exactShare)) by bit"
    }
    return .decided(
      "5", "Operations 10 to 14 ms apart are safe; below, answers break down.",
      paper: "spacings of 10 and 14 ms used, 7 and 6 ms in the map",
      test:
        "\(options.spacingNetworks) networks of \(options.spacingCues.map(String.init).joined(separator: ", ")) cues and \(Self.bits) bits at each spacing: half of the cues overwritten with recalls in between, then everything recalled.",
      criterion:
        "every answer exact at 14 ms, 98 % at 10 ms by cue and by bit, below 95 % in the worse of them at 7 ms and below half at 5 ms",
      measured: [text(14, at14), text(10, at10), text(7, at7), text(5, at5)].joined(separator: "; "),
      holds: broken.isEmpty, reason: broken.isEmpty ? nil : broken.joined(separator: "; "),
      unless: obstacle ? "spacings of 5, 7, 10 and 14 ms are needed" : nil)
  }
}
