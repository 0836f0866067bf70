import Support

extension ContentAddressableMemory {
  /// What a memory can be asked to do.
  public enum Operation: Sendable, Hashable {
    /// Cue and content fire in three consecutive milliseconds; what the cue held before is overwritten.
    case learn(cue: Int, content: [Int])
    /// The cue fires once.
    case recallByCue(Int)
    /// Some bits fire once; cues whose content holds any of them answer.
    case recallByContent([Int])

    public var isLearning: Bool { if case .learn = self { true } else { false } }
    /// Milliseconds for which the input fires.
    var duration: Int { isLearning ? 3 : 1 }
  }

  /// An operation at its time.
  public struct TimedOperation: Sendable, Hashable {
    public let operation: Operation
    /// When its first spikes come, in milliseconds.
    public let start: Int

    public init(_ operation: Operation, at start: Int) { (self.operation, self.start) = (operation, start) }
  }

  /// Milliseconds from the beginning of an operation to that of the next.
  public struct OperationSpacing: Sendable, Equatable, Codable {
    public var afterLearning, afterRecall: Int

    public init(afterLearning: Int, afterRecall: Int) {
      (self.afterLearning, self.afterRecall) = (afterLearning, afterRecall)
    }

    /// The same after everything.
    public static func every(_ milliseconds: Int) -> Self {
      Self(afterLearning: milliseconds, afterRecall: milliseconds)
    }

    /// The authors' stress test leaves 14 ms after learning; nothing was ever wrong at that.
    public static let recommended = Self(afterLearning: 14, afterRecall: 10)
    /// The least that the authors document: 7 ms of rest after learning, 6 ms after a recall.
    public static let documented = Self(afterLearning: 10, afterRecall: 7)

    public func after(_ operation: Operation) -> Int {
      operation.isLearning ? afterLearning : afterRecall
    }
  }

  /// What is done about operations that come closer than ``OperationSpacing/documented``.
  public enum OverlapPolicy: String, Sendable, CaseIterable, Codable {
    /// An error.
    case refused
    /// They run; ``ContentAddressableMemory/warnings`` tells of them.
    case noted
    /// They run.
    case allowed
  }

  /// What the output said.
  public struct Answer: Sendable, Equatable {
    public let operation: Operation
    /// Of the operation, in milliseconds.
    public let start: Int
    /// What fired in the output at the moment when it was due, ascending.
    public let cues, content: [Int]
    /// What fired in the output at any other time before the next answer: nothing after a recall. While a cue is overwritten, its old
    /// content comes out once more.
    public let strayCues, strayContent: [Int]

    public var isClean: Bool { strayCues.isEmpty && strayContent.isEmpty }
    /// What was asked for: cues for content, otherwise content.
    public var recalled: [Int] { if case .recallByContent = operation { cues } else { content } }
  }
}

extension ContentAddressableMemory {
  /// Operations one after the other, the first at a time.
  public static func timed(_ operations: [Operation], from start: Int = 0, spacing: OperationSpacing)
    -> [TimedOperation]
  {
    var time = start
    return operations.map { operation in
      defer { time += spacing.after(operation) }
      return TimedOperation(operation, at: time)
    }
  }

  /// - Throws: `CajalError` naming the neuron that does not exist, or an operation without content.
  func check(_ operation: Operation) throws {
    func check(cue: Int) throws {
      guard (0..<cueSize).contains(cue) else {
        throw CajalError("there is no cue \(cue); the memory has \(cueSize), from 0 to \(cueSize - 1)")
      }
    }
    func check(content: [Int], _ what: String) throws {
      guard !content.isEmpty else { throw CajalError("\(what) has no content") }
      if let wrong = content.first(where: { !(0..<contentSize).contains($0) }) {
        throw CajalError(
          "there is no bit \(wrong) of content; the memory has \(contentSize), from 0 to \(contentSize - 1)")
      }
    }
    switch operation {
    case .learn(let cue, let content):
      try check(cue: cue)
      try check(content: content, "what cue \(cue) should learn")
    case .recallByCue(let cue): try check(cue: cue)
    case .recallByContent(let content): try check(content: content, "a recall by content")
    }
  }

  /// - Throws: `CajalError` naming the first pair that comes too close, where that is refused.
  func checkSpacing(_ operations: [TimedOperation]) throws {
    for (before, after) in zip(operations, operations.dropFirst()) where after.start <= before.start {
      throw CajalError(
        "an operation at \(after.start) ms stands behind one at \(before.start) ms; they should ascend")
    }
    func closer(than spacing: OperationSpacing) -> [(index: Int, gap: Int)] {
      (1..<max(1, operations.count)).compactMap { index in
        let gap = operations[index].start - operations[index - 1].start
        return gap < spacing.after(operations[index - 1].operation) ? (index, gap) : nil
      }
    }
    guard overlap != .allowed else { return }
    let overlapping = closer(than: .documented)
    if let first = overlapping.first, overlap == .refused {
      let before = operations[first.index - 1]
      throw CajalError(
        "operation \(first.index) begins \(first.gap) ms after \(before.operation.isLearning ? "a learning" : "a recall"); \(OperationSpacing.documented.after(before.operation)) ms are needed (overlap: .noted or .allowed runs it all the same)"
      )
    }
    let fast = closer(than: .recommended)
    if let first = fast.first {
      warnings.append(
        "\(fast.count) of \(operations.count) operations come sooner than recommended (14 ms after a learning, 10 after a recall), \(overlapping.count) of them sooner than documented (10 and 7); the first at \(operations[first.index].start) ms, \(first.gap) ms after the one before"
      )
    }
  }
}
