import Figures
import Neurons
import StudyCore
import Support

/// Claims 2 and 3: random memories, half of them overwritten, recalled by cue and by single bits.
struct RecallPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }

  private struct Setting: Sendable {
    let cues, bits: Int
    let density: Double
  }

  /// What one network answered.
  private struct Result: Sendable {
    let cues, bits: RecallScore
    /// Bits with ten milliseconds between all operations.
    let fastCues, fastBits: RecallScore
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let settings = zip(options.cues, options.bits).flatMap { cues, bits in
      options.densities.map { Setting(cues: cues, bits: bits, density: $0) }
    }
    let count = options.networks
    let results = try bench.repeated("random memories", settings.count * count) { index, generator in
      try result(settings[index / count], &generator)
    }
    try lab.add(table(settings, results))
    lab.add(byCue(results))
    lab.add(byBit(results))
  }

  private func result(_ setting: Setting, _ generator: inout RandomGenerator) throws -> Result {
    var memories = RandomMemories(
      cues: setting.cues, bits: setting.bits, density: setting.density, using: &generator)
    var operations = memories.learning
    let half = generator.subset(setting.cues / 2, of: setting.cues)
    operations += memories.relearn(half, setting.density, using: &generator)
    operations += memories.allCues + memories.allBits
    let graded = try [14, 10].map {
      try bench.graded(operations, in: try bench.memory(setting.cues, setting.bits), .every($0))
    }
    return Result(
      cues: graded[0].byCue, bits: graded[0].byContent, fastCues: graded[1].byCue,
      fastBits: graded[1].byContent)
  }

  private func table(_ settings: [Setting], _ results: [Result]) -> Table {
    var table = Table(
      name: "random-memories",
      caption:
        "Answers that are exactly right, \(options.networks) networks of each kind: every cue learnt once, half of them again with another content, then every cue and every bit asked for.",
      columns: [
        "cues", "bits", "density", "recalls by cue", "right", "queries of one bit", "right", "right at 10 ms",
        "with other output",
      ])
    for (index, setting) in settings.enumerated() {
      let own = results[index * options.networks..<(index + 1) * options.networks]
      let (cues, bits) = (own.map(\.cues).sum, own.map(\.bits).sum)
      table.append([
        .integer(setting.cues), .integer(setting.bits), .number(setting.density), .integer(cues.asked),
        .integer(cues.exact), .integer(bits.asked), .integer(bits.exact),
        .integer(own.map(\.fastBits).sum.exact), .integer(cues.unclean + bits.unclean),
      ])
    }
    return table
  }

  private var setting: String {
    let sizes = zip(options.cues, options.bits).map { "\($0)×\($1)" }.joined(separator: ", ")
    let densities = options.densities.map { short($0) }.joined(separator: ", ")
    return
      "\(options.networks) networks of each size (cues×bits: \(sizes)) and density (\(densities)), half of the cues overwritten, 14 ms between operations"
  }

  private func byCue(_ results: [Result]) -> Claim {
    let score = results.map(\.cues).sum
    let fast = results.map(\.fastCues).sum
    lab.measure("byCue.exact", score.exactShare)
    lab.measure("byCue.exact.10ms", fast.exactShare)
    return Claim(
      "2", "A cue recalls its content exactly, contents sharing bits and cues having been overwritten.",
      paper: "all recalls right (5 cues, 10 bits)", test: "\(setting); every cue recalled.",
      criterion: "every recall gives exactly the last content of its cue",
      measured:
        "\(score.text) recalls exact, \(score.unclean) with output at another time; at 10 ms \(fast.shareText)",
      holds: score.isPerfect,
      reason: score.isPerfect ? nil : "\(score.missed) bits missed, \(score.surplus) bits beyond")
  }

  private func byBit(_ results: [Result]) -> Claim {
    let score = results.map(\.bits).sum
    let fast = results.map(\.fastBits).sum
    lab.measure("byBit.exact", score.exactShare)
    lab.measure("byBit.exact.10ms", fast.exactShare)
    return Claim(
      "3", "One bit of content recalls exactly the cues that hold it.",
      paper: "all recalls right (5 cues, 10 bits)", test: "\(setting); every bit asked for by itself.",
      criterion: "every query gives exactly the set of cues whose last content holds the bit",
      measured:
        "\(score.text) queries exact, \(score.unclean) with output at another time; at 10 ms \(fast.shareText)",
      holds: score.isPerfect,
      reason: score.isPerfect
        ? nil : "\(score.missed) of \(score.elements) cues missed, \(score.surplus) cues beyond")
  }
}
