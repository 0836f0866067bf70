import Foundation
import Support

/// Memories and questions with names of the user's own, as a file has them: `kitchen` holds `table` and `lamp`; who holds `lamp`?
///
/// CSV with the columns `operation` (learn or recall), `cue` and `content`, bits separated by spaces, or by semicolons where they have
/// spaces in them; a recall names a cue or some bits. Without the column `operation` every row is learnt, then every cue and every bit is
/// asked for. JSON with the same in `operations`, or `memories` and then `queries`:
///
/// ```json
/// {"memories": [{"cue": "kitchen", "content": ["table", "lamp"]}, {"cue": "study", "content": ["lamp", "books"]}],
///  "queries": [{"cue": "study"}, {"content": ["lamp"]}]}
/// ```
public struct MemoryScript: Sendable, Equatable {
  public typealias Operation = ContentAddressableMemory.Operation

  /// Names by number, in the order in which they first came.
  public private(set) var cues: [String] = []
  public private(set) var bits: [String] = []
  public private(set) var operations: [Operation] = []
  /// Constants of the network, where the file says any.
  public internal(set) var parameters = ContentAddressableMemory.Parameters()

  private var cueNumbers: [String: Int] = [:]
  private var bitNumbers: [String: Int] = [:]

  public init() {}

  public mutating func learn(cue: String, content: [String]) {
    operations.append(.learn(cue: number(cue: cue), content: numbers(content)))
  }

  public mutating func recall(cue: String) { operations.append(.recallByCue(number(cue: cue))) }
  public mutating func recall(content: [String]) { operations.append(.recallByContent(numbers(content))) }

  /// Asks for every cue, then for every bit.
  public mutating func recallEverything() {
    operations += cues.indices.map { .recallByCue($0) }
    operations += bits.indices.map { .recallByContent([$0]) }
  }

  private mutating func number(cue: String) -> Int {
    if let known = cueNumbers[cue] { return known }
    cues.append(cue)
    cueNumbers[cue] = cues.count - 1
    return cues.count - 1
  }

  private mutating func numbers(_ content: [String]) -> [Int] {
    var found = Set<Int>()
    for bit in content {
      if bitNumbers[bit] == nil {
        bits.append(bit)
        bitNumbers[bit] = bits.count - 1
      }
      found.insert(bitNumbers[bit]!)
    }
    return found.sorted()
  }

  /// An empty memory that can hold all of this.
  public func memory() throws -> ContentAddressableMemory {
    try ContentAddressableMemory(cueSize: cues.count, contentSize: bits.count, parameters: parameters)
  }

  /// An operation in the user's names.
  public func text(_ operation: Operation) -> String {
    switch operation {
    case .learn(let cue, let content):
      "learn \(cues[cue]): \(content.map { bits[$0] }.joined(separator: ", "))"
    case .recallByCue(let cue): "recall \(cues[cue])"
    case .recallByContent(let content): "who has \(content.map { bits[$0] }.joined(separator: ", "))"
    }
  }

  /// What an operation recalls, in the user's names.
  public func names(_ recalled: [Int], of operation: Operation) -> [String] {
    if case .recallByContent = operation { return recalled.map { cues[$0] } }
    return recalled.map { bits[$0] }
  }
}
