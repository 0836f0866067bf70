import Neurons
import StudyCore
import Support

/// Claim 6: learning again with another content leaves nothing of the old one.
struct OverwritingPart {
  private let bench: MemoryBench
  private var options: HippocampalCAM.Options { bench.options }

  init(_ bench: MemoryBench) { self.bench = bench }

  /// How many cues were overwritten, and what came back of their old contents.
  struct Result: Sendable {
    var cues = 0
    var bits = 0
    /// Old bits that the cue still recalls; old bits that still recall the cue.
    var oldBits = 0
    var oldCues = 0
    /// Cues without any old bit in their answer.
    var clean = 0

    static func + (a: Self, b: Self) -> Self {
      Self(
        cues: a.cues + b.cues, bits: a.bits + b.bits, oldBits: a.oldBits + b.oldBits,
        oldCues: a.oldCues + b.oldCues, clean: a.clean + b.clean)
    }
  }

  func run() throws {
    let sizes = Array(zip(options.cues, options.bits))
    let (densities, count) = (options.densities, options.networks)
    let perSize = densities.count * count
    let results = try bench.repeated("overwriting", sizes.count * perSize) { index, generator in
      let (cues, bits) = sizes[index / perSize]
      return try Self.result(
        bench, try bench.memory(cues, bits), density: densities[index % perSize / count], &generator)
    }
    bench.lab.add(claim(results.reduce(Result(), +)))
  }

  /// Overwrites half of the cues of a new memory by contents that share nothing with the old ones.
  static func result(
    _ bench: MemoryBench, _ memory: ContentAddressableMemory, density: Double,
    _ generator: inout RandomGenerator
  ) throws -> Result {
    let memories = RandomMemories(
      cues: memory.cueSize, bits: memory.contentSize, density: density, using: &generator)
    let half = generator.subset(memory.cueSize / 2, of: memory.cueSize).filter {
      memories.contents[$0].count < memory.contentSize
    }
    var operations = memories.learning
    for cue in half {
      let others = (0..<memory.contentSize).filter { !memories.contents[cue].contains($0) }
      operations.append(
        .learn(cue: cue, content: RandomMemories.content(of: others, density, using: &generator)))
    }
    let old = half.flatMap { cue in memories.contents[cue].map { (cue: cue, bit: $0) } }
    let asked = Set(old.map(\.bit)).sorted()
    operations += half.map { .recallByCue($0) } + asked.map { .recallByContent([$0]) }
    let answers = try bench.graded(operations, in: memory, .every(14)).map(\.answer)
      .suffix(half.count + asked.count)
    var result = Result(cues: half.count, bits: old.count)
    for (cue, answer) in zip(half, answers) {
      let left = answer.content.count { memories.contents[cue].contains($0) }
      result.oldBits += left
      result.clean += left == 0 ? 1 : 0
    }
    let recalled = Dictionary(
      uniqueKeysWithValues: zip(asked, answers.dropFirst(half.count).map { Set($0.cues) }))
    result.oldCues = old.count { recalled[$0.bit]!.contains($0.cue) }
    return result
  }

  private func claim(_ result: Result) -> Claim {
    let holds = result.bits > 0 && result.oldBits == 0 && result.oldCues == 0
    bench.lab.measure("overwriting.oldBits", Double(result.oldBits))
    bench.lab.measure("overwriting.oldCues", Double(result.oldCues))
    return Claim(
      "6", "Learning once overwrites: nothing of the old content is left.",
      paper: "shown for one cue, and for five in the stress test",
      test:
        "Half of the cues of the networks of claim 2 learn a content that shares no bit with the old one; each of these cues and each old bit is asked for.",
      criterion: "no old bit is recalled by its cue, and no old bit recalls the cue",
      measured:
        "\(result.cues) cues with \(result.bits) old bits overwritten: \(result.oldBits) old bits came back, \(result.oldCues) old bits still recalled the cue",
      holds: holds,
      reason: holds ? nil : "\(result.oldBits) old bits and \(result.oldCues) old cues came back")
  }
}
