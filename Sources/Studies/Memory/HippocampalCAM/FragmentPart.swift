import Figures
import Neurons
import StudyCore
import Support

/// Claim 4: several bits at once.
struct FragmentPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }
  private static let (cues, bits, density) = (20, 30, 0.3)

  private struct Result: Sendable {
    let together: RecallScore
    /// The same queries bit by bit: any and all of the bits.
    let inTurn: RecallScore
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let settings = options.overwrites.flatMap { rounds in options.fragmentBits.map { (rounds, $0) } }
    let count = options.fragmentNetworks
    let results = try bench.repeated("fragments", settings.count * count) { index, generator in
      try result(rounds: settings[index / count].0, bits: settings[index / count].1, &generator)
    }
    let sums = settings.indices.map { place -> Result in
      let own = results[place * count..<(place + 1) * count]
      return Result(together: own.map(\.together).sum, inTurn: own.map(\.inTurn).sum)
    }
    try lab.add(table(settings, sums))
    try lab.add(figure(settings, sums))
    lab.add(claim(settings, sums))
    try weights()
  }

  /// A memory whose every cue was learnt again so many times, and questions of so many bits, each of one stored content.
  private func history(rounds: Int, _ generator: inout RandomGenerator) -> (
    memories: RandomMemories, operations: [ContentAddressableMemory.Operation]
  ) {
    var memories = RandomMemories(
      cues: Self.cues, bits: Self.bits, density: Self.density, using: &generator)
    var operations = memories.learning
    for _ in 0..<rounds {
      let order = generator.permutation(Self.cues)
      operations += memories.relearn(order, Self.density, using: &generator)
    }
    return (memories, operations)
  }

  private func result(rounds: Int, bits: Int, _ generator: inout RandomGenerator) throws -> Result {
    let (memories, operations) = history(rounds: rounds, &generator)
    let queries = (0..<options.queries).map { _ -> [Int] in
      let content = memories.contents[generator.integer(below: Self.cues)]
      return generator.subset(min(bits, content.count), of: content.count).map { content[$0] }
    }
    let together = try bench.graded(
      operations + queries.map { .recallByContent($0) }, in: try bench.memory(Self.cues, Self.bits),
      .every(14)
    ).byContent
    let other = try bench.memory(Self.cues, Self.bits)
    other.spacing = .every(14)
    var table = AssociationTable()
    _ = table.grade(try other.script(operations))
    var inTurn = RecallScore()
    for query in queries {
      let recall = try other.recallInTurn(content: query)
      inTurn.asked += 1
      inTurn.exact +=
        recall.any == table.cues(withAny: query) && recall.all == table.cues(withAll: query) ? 1 : 0
    }
    return Result(together: together, inTurn: inTurn)
  }

  private func table(_ settings: [(Int, Int)], _ sums: [Result]) -> Table {
    var table = Table(
      name: "fragments",
      caption:
        "Questions of several bits of a stored content (\(Self.cues) cues, \(Self.bits) bits, density \(short(Self.density))), at once and one after the other; a true cue holds any of the bits.",
      columns: [
        "times overwritten", "bits", "questions", "exact", "true cues", "missed", "false cues",
        "exact one after the other",
      ])
    for ((rounds, bits), sum) in zip(settings, sums) {
      let score = sum.together
      table.append([
        .integer(rounds), .integer(bits), .integer(score.asked), .integer(score.exact),
        .integer(score.elements), .integer(score.missed), .integer(score.surplus),
        .integer(sum.inTurn.exact),
      ])
      lab.measure("fragments.rounds\(rounds).bits\(bits).exact", score.exactShare)
      lab.measure("fragments.rounds\(rounds).bits\(bits).missed", Double(score.missed))
      lab.measure("fragments.rounds\(rounds).bits\(bits).inTurn", sum.inTurn.exactShare)
    }
    return table
  }

  private func figure(_ settings: [(Int, Int)], _ sums: [Result]) -> Plot {
    var plot = Plot(
      name: "fragments", title: "Several bits at once bring false cues",
      caption:
        "Share of questions that recall exactly the cues holding any of the bits, over the number of bits given. Weights too small for a spike add up when bits come together, the more the oftener cues were overwritten.",
      x: .init("bits of the question"), y: .init("exact answers", range: 0...1.04))
    for rounds in options.overwrites {
      let own = settings.indices.filter { settings[$0].0 == rounds }
      plot.add(
        .linePoints, "at once, overwritten \(rounds)×", x: own.map { Double(settings[$0].1) },
        y: own.map { sums[$0].together.exactShare })
    }
    if let rounds = options.overwrites.max() {
      let own = settings.indices.filter { settings[$0].0 == rounds }
      plot.add(
        .dashed, "in turn, overwritten \(rounds)×", x: own.map { Double(settings[$0].1) },
        y: own.map { sums[$0].inTurn.exactShare })
    }
    return plot
  }

  private func claim(_ settings: [(Int, Int)], _ sums: [Result]) -> Claim {
    let several = settings.indices.filter { settings[$0].1 > 1 }
    let all = several.map { sums[$0].together }.sum
    let turn = several.map { sums[$0].inTurn }.sum
    let parts = several.map {
      "\(settings[$0].1) bits, overwritten \(settings[$0].0)×: \(sums[$0].together.shareText)"
    }
    lab.measure("fragments.missed", Double(all.missed))
    lab.measure("fragments.falseCues", Double(all.surplus))
    return Claim(
      "4", "A fragment of several bits recalls every cue that holds any of them.",
      paper: "two questions of several bits, both right",
      test:
        "\(options.fragmentNetworks) networks of \(Self.cues) cues and \(Self.bits) bits a setting, \(options.queries) questions each, 14 ms apart.",
      criterion: "no true cue is missed (false cues are counted, and allowed)",
      measured:
        "\(all.missed) of \(all.elements) true cues missed, \(all.surplus) false ones; exact answers \(parts.joined(separator: ", ")); one bit after the other \(turn.shareText)",
      holds: all.asked > 0 && all.missed == 0,
      reason: all.missed == 0
        ? nil : "\(all.missed) of \(all.elements) cues that hold one of the bits stayed silent")
  }

  /// Why: weights between bits and cues that share no memory.
  private func weights() throws {
    let edges = stride(from: 0.0, through: 6, by: 0.25).map { $0 }
    func histogram(_ values: [Double]) -> [Double] {
      var counts = [Double](repeating: 0, count: edges.count - 1)
      for value in values { counts[min(counts.count - 1, Int(value / 0.25))] += 1 }
      return counts.map { $0 / Double(max(1, values.count)) }
    }
    var plot = Plot(
      name: "residual-weights", title: "Weights from bits to cues that should be empty",
      caption:
        "Share of the synapses from content to cues in each step of 0.25 nA, for bits that a cue holds and for others. One spike fires a cue above 3.36 nA; two smaller weights can together.",
      x: .init("weight", unit: "nA"), y: .init("share of synapses", scale: .log, range: 1e-4...1.5))
    let middles = zip(edges, edges.dropFirst()).map { ($0 + $1) / 2 }
    let count = options.fragmentNetworks
    for rounds in Set([options.overwrites.min() ?? 0, options.overwrites.max() ?? 0]).sorted() {
      let values = try bench.repeated("weights", count) { _, generator in
        let (memories, operations) = history(rounds: rounds, &generator)
        let memory = try bench.memory(Self.cues, Self.bits)
        _ = try bench.graded(operations, in: memory, .every(14))
        return Self.separate(memory.weights(), memories)
      }
      let stored = values.flatMap(\.stored)
      let others = values.flatMap(\.others)
      plot.add(.steps, "held, overwritten \(rounds)×", x: middles, y: histogram(stored))
      plot.add(.steps, "others, overwritten \(rounds)×", x: middles, y: histogram(others))
      lab.measure("weights.rounds\(rounds).storedLeast", stored.min() ?? .nan, unit: "nA")
      lab.measure("weights.rounds\(rounds).othersMost", others.max() ?? .nan, unit: "nA")
      lab.measure(
        "weights.rounds\(rounds).othersAboveOne",
        Double(others.count { $0 > 1 }) / Double(max(1, others.count)))
    }
    plot.marks = [.vertical(3.36, label: "fires alone")]
    try lab.add(plot)
  }

  private static func separate(_ weights: ContentAddressableMemory.Weights, _ memories: RandomMemories) -> (
    stored: [Double], others: [Double]
  ) {
    var (stored, others): ([Double], [Double]) = ([], [])
    for (cue, content) in memories.contents.enumerated() {
      for bit in 0..<memories.bits {
        let weight = weights.contentToCue[bit][cue]
        if content.contains(bit) { stored.append(weight) } else { others.append(weight) }
      }
    }
    return (stored, others)
  }
}
