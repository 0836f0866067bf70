import Figures
import Neurons
import StudyCore
import Support

/// What operations on other memories do to one that is left alone.
struct ForgettingPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }
  private static let (cues, bits, density) = (20, 30, 0.3)
  private static let spacings = [7, 10, 14]

  private struct Result: Sendable {
    let byCue, byBit: RecallScore
    /// Mean consolidated weights of the synapses that hold the memories left alone, from cue to content and back.
    let forward, backward: Double
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let settings = Self.spacings.flatMap { spacing in options.later.map { (spacing, $0) } }
    let count = options.forgettingNetworks
    let results = try bench.repeated("forgetting", settings.count * count) { index, generator in
      try result(spacing: settings[index / count].0, later: settings[index / count].1, &generator)
    }
    var table = Table(
      name: "forgetting",
      caption:
        "Half of \(Self.cues) memories are left alone while the others are learnt again and recalled; then the first half is recalled by cue, and every bit is asked for. Weights of the first half, in nA.",
      columns: [
        "spacing (ms)", "operations between", "by cue", "by bit", "weight cue to content",
        "weight content to cue",
      ])
    var plot = Plot(
      name: "forgetting", title: "What others learn leaves a memory alone, given time",
      caption:
        "Share of exact recalls of memories that were learnt once, over the number of operations on other memories since; by cue (lines) and by bit (dashed).",
      x: .init("operations on other memories"), y: .init("exact answers", range: 0...1.04))
    for spacing in Self.spacings {
      var (x, byCue, byBit): ([Double], [Double], [Double]) = ([], [], [])
      for place in settings.indices where settings[place].0 == spacing {
        let own = results[place * count..<(place + 1) * count]
        let (cues, bits) = (own.map(\.byCue).sum.exactShare, own.map(\.byBit).sum.exactShare)
        let (forward, backward) = (Spread(own.map(\.forward)).mean, Spread(own.map(\.backward)).mean)
        table.append([
          .integer(spacing), .integer(settings[place].1), .number(cues), .number(bits), .number(forward),
          .number(backward),
        ])
        x.append(Double(settings[place].1))
        byCue.append(cues)
        byBit.append(bits)
        lab.measure("forgetting.\(spacing)ms.after\(settings[place].1).byCue", cues)
        lab.measure("forgetting.\(spacing)ms.after\(settings[place].1).byBit", bits)
      }
      plot.add(.linePoints, "\(spacing) ms, by cue", x: x, y: byCue)
      plot.add(.dashed, "\(spacing) ms, by bit", x: x, y: byBit, colourOf: "\(spacing) ms, by cue")
    }
    try lab.add(table)
    try lab.add(plot)
  }

  private func result(spacing: Int, later: Int, _ generator: inout RandomGenerator) throws -> Result {
    var memories = RandomMemories(
      cues: Self.cues, bits: Self.bits, density: Self.density, using: &generator)
    let kept = Self.cues / 2
    var operations = memories.learning
    for _ in 0..<later {
      let other = kept + generator.integer(below: Self.cues - kept)
      switch generator.integer(below: 3) {
      case 0: operations += memories.relearn([other], Self.density, using: &generator)
      case 1: operations.append(.recallByCue(other))
      default: operations.append(.recallByContent([generator.integer(below: Self.bits)]))
      }
    }
    let memory = try bench.memory(Self.cues, Self.bits)
    var table = AssociationTable()
    let timed = ContentAddressableMemory.timed(operations, spacing: .every(spacing))
    _ = table.grade(try memory.run(timed))
    let weights = memory.weights()
    let pairs = (0..<kept).flatMap { cue in memories.contents[cue].map { (cue: cue, bit: $0) } }
    let asked = (0..<kept).map { ContentAddressableMemory.Operation.recallByCue($0) } + memories.allBits
    // The last questions are not hurried: what is asked is what was kept.
    let graded = table.grade(
      try memory.run(ContentAddressableMemory.timed(asked, from: memory.time, spacing: .every(14))))
    return Result(
      byCue: graded.byCue, byBit: graded.byContent,
      forward: Spread(pairs.map { weights.cueToContent[$0.cue][$0.bit] }).mean,
      backward: Spread(pairs.map { weights.contentToCue[$0.bit][$0.cue] }).mean)
  }
}
