import Foundation
import Neurons
import StudyCore
import Support
import Synchronization

/// What all parts share: options, lab, the network's constants, and memories to draw.
struct MemoryBench: Sendable {
  typealias Operation = ContentAddressableMemory.Operation
  typealias Spacing = ContentAddressableMemory.OperationSpacing

  let options: HippocampalCAM.Options
  let lab: Lab
  let parameters: ContentAddressableMemory.Parameters
  let realData = RealDataTally()

  init(_ options: HippocampalCAM.Options, _ lab: Lab) throws {
    guard options.cues.count == options.bits.count else {
      throw CajalError(
        "cues has \(options.cues.count) numbers, bits \(options.bits.count); they belong together")
    }
    (self.options, self.lab) = (options, lab)
    parameters =
      options.parameters.isEmpty
      ? .init() : try .init(contentsOf: URL(fileURLWithPath: options.parameters))
  }

  /// An empty memory that runs whatever it is given.
  func memory(
    _ cues: Int, _ bits: Int, parameters own: ContentAddressableMemory.Parameters? = nil
  ) throws -> ContentAddressableMemory {
    let memory = try ContentAddressableMemory(
      cueSize: cues, contentSize: bits, parameters: own ?? parameters)
    memory.overlap = .allowed
    return memory
  }

  /// Runs operations at a spacing, and grades the answers by a table.
  func graded(_ operations: [Operation], in memory: ContentAddressableMemory, _ spacing: Spacing) throws
    -> [GradedAnswer]
  {
    var table = AssociationTable()
    let timed = ContentAddressableMemory.timed(operations, from: memory.time, spacing: spacing)
    return table.grade(try memory.run(timed))
  }

  /// Does the same for every index in parallel, with a generator of its own for each.
  func repeated<Value: Sendable>(
    _ name: String, _ count: Int, _ body: @Sendable (Int, inout RandomGenerator) throws -> Value
  ) throws -> [Value] {
    let generator = lab.generator(name)
    let done = Atomic<Int>(0)
    return try parallelMap(count) { index throws in
      var own = generator.split(index)
      let value = try body(index, &own)
      let finished = done.wrappingAdd(1, ordering: .relaxed).newValue
      try lab.progress(name, finished, of: count, unit: "networks")
      return value
    }
  }
}

/// Contents for a number of cues.
struct RandomMemories: Sendable {
  let bits: Int
  var contents: [[Int]]

  var cues: Int { contents.count }

  init(cues: Int, bits: Int, density: Double, using generator: inout RandomGenerator) {
    self.bits = bits
    contents = (0..<cues).map { _ in Self.content(of: Array(0..<bits), density, using: &generator) }
  }

  /// Each of these bits with the same probability, one at least.
  static func content(of bits: [Int], _ density: Double, using generator: inout RandomGenerator) -> [Int] {
    let chosen = bits.filter { _ in generator.uniform() < density }
    return chosen.isEmpty ? [bits[generator.integer(below: bits.count)]] : chosen
  }

  var learning: [ContentAddressableMemory.Operation] {
    contents.indices.map { .learn(cue: $0, content: contents[$0]) }
  }
  var allCues: [ContentAddressableMemory.Operation] { contents.indices.map { .recallByCue($0) } }
  var allBits: [ContentAddressableMemory.Operation] { (0..<bits).map { .recallByContent([$0]) } }

  /// A new content for some cues.
  mutating func relearn(_ cues: [Int], _ density: Double, using generator: inout RandomGenerator)
    -> [ContentAddressableMemory.Operation]
  {
    cues.map { cue in
      contents[cue] = Self.content(of: Array(0..<bits), density, using: &generator)
      return .learn(cue: cue, content: contents[cue])
    }
  }
}

extension [GradedAnswer] {
  /// Of recalls by cue alone.
  var byCue: RecallScore {
    RecallScore(filter { if case .recallByCue = $0.answer.operation { true } else { false } })
  }
  /// Of recalls by content alone.
  var byContent: RecallScore {
    RecallScore(filter { if case .recallByContent = $0.answer.operation { true } else { false } })
  }
}

extension [RecallScore] {
  var sum: RecallScore { reduce(RecallScore(), +) }
}

extension RecallScore {
  /// "256 of 256".
  var text: String { "\(exact) of \(asked)" }
  var isPerfect: Bool { asked > 0 && exact == asked }
  /// The same with the share: "251 of 256 (98.0 %)".
  var shareText: String { "\(text) (\(MemoryBench.percent(exactShare)))" }
}

extension MemoryBench {
  static func percent(_ share: Double) -> String {
    share.isNaN ? "none" : String(format: "%.1f %%", 100 * share)
  }
}

/// Scores on data that are not random, for the claim at the end.
final class RealDataTally: Sendable {
  private let entries = Mutex<[(name: String, score: RecallScore)]>([])
  func add(_ name: String, _ score: RecallScore) { entries.withLock { $0.append((name, score)) } }
  var all: [(name: String, score: RecallScore)] { entries.withLock { $0 } }
}

extension MemoryBench {
  /// Claim 9, this study's own: real data.
  func realDataClaim() -> Claim {
    let all = realData.all
    let wrong = all.filter { !$0.score.isPerfect }
    return Claim(
      "9", "Pictures, texts and a map are recalled exactly, by cue and by single bits of content.",
      paper: "shown for the map of 16 cells",
      test:
        "Every cue and every bit of each of the data sets, at the recommended spacing (14 ms after learning, 10 after a recall).",
      criterion: "every answer is exactly that of a table",
      measured: all.map { "\($0.name) \($0.score.text)" }.joined(separator: "; "),
      holds: wrong.isEmpty && !all.isEmpty,
      reason: wrong.isEmpty
        ? all.isEmpty ? "no data were here" : nil
        : "not exact: "
          + wrong.map { "\($0.name), \($0.score.missed) missed and \($0.score.surplus) beyond" }
          .joined(separator: "; "))
  }
}
