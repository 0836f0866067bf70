import Support

extension ContentAddressableMemory {
  /// Runs operations one after the other from now on, ``spacing`` apart.
  public func script(_ operations: [Operation]) throws -> [Answer] {
    try run(Self.timed(operations, from: time, spacing: spacing))
  }

  /// Runs operations at their times.
  ///
  /// - Parameter end: When to stop, in milliseconds; if nil when all answers are there and the last operation's rest is over.
  /// - Throws: `CajalError` naming an operation that cannot be, lies in the past, or comes too close where that is refused.
  public func run(_ operations: [TimedOperation], until end: Int? = nil) throws -> [Answer] {
    guard let first = operations.first, let last = operations.last else { return [] }
    guard first.start >= time else {
      throw CajalError("an operation at \(first.start) ms, with \(time) ms past")
    }
    for timed in operations { try check(timed.operation) }
    try checkSpacing(operations)
    try schedule(operations)
    let end =
      end
      ?? last.start
      + max(
        OperationSpacing.recommended.after(last.operation),
        parameters.latency.longest + last.operation.duration)
    try simulation.run(for: Double(max(0, end - time)).ms)
    return try answers(operations, until: end)
  }

  private func schedule(_ operations: [TimedOperation]) throws {
    var (cues, content): ([Int: [Int]], [Int: [Int]]) = ([:], [:])
    for timed in operations {
      for moment in timed.start..<timed.start + timed.operation.duration {
        switch timed.operation {
        case .learn(let cue, let bits):
          cues[moment, default: []].append(cue)
          content[moment, default: []] += bits
        case .recallByCue(let cue): cues[moment, default: []].append(cue)
        case .recallByContent(let bits): content[moment, default: []] += bits
        }
      }
    }
    for moment in Set(cues.keys).union(content.keys).sorted() {
      try schedule(cues: cues[moment] ?? [], content: content[moment] ?? [], at: moment)
    }
  }

  /// Reads what the output said at the moments where answers are due.
  private func answers(_ operations: [TimedOperation], until end: Int) throws -> [Answer] {
    let start = operations[0].start
    let cues = try frames(.outputCue, from: start)
    let content = try frames(.outputContent, from: start)
    let latency = parameters.latency
    return operations.indices.map { index in
      let timed = operations[index]
      let (cueDue, contentDue) = Self.due(timed.operation, latency)
      let next = index + 1 < operations.count ? operations[index + 1].start + latency.shortest : end
      let window = timed.start + latency.shortest..<max(timed.start + latency.shortest, next)
      func fired(_ frames: [Int: [Int]], _ moments: [Int]) -> [Int] {
        frames[timed.start + moments[0]] ?? []
      }
      func strays(_ frames: [Int: [Int]], _ moments: [Int]) -> [Int] {
        let others = window.filter { !moments.contains($0 - timed.start) }
        return Set(others.flatMap { frames[$0] ?? [] }).sorted()
      }
      return Answer(
        operation: timed.operation, start: timed.start, cues: fired(cues, cueDue),
        content: fired(content, contentDue), strayCues: strays(cues, cueDue),
        strayContent: strays(content, contentDue))
    }
  }

  /// When cues and content are due after the beginning of an operation; three milliseconds of input give two spikes, since a
  /// neuron rests for one after each.
  private static func due(_ operation: Operation, _ latency: Parameters.Latency) -> (
    cues: [Int], content: [Int]
  ) {
    switch operation {
    case .learn:
      ([latency.givenCue, latency.givenCue + 2], [latency.givenContent, latency.givenContent + 2])
    case .recallByCue: ([latency.givenCue], [latency.recalledContent])
    case .recallByContent: ([latency.recalledCue], [latency.givenContent])
    }
  }

  private func frames(_ layer: Layer, from start: Int) throws -> [Int: [Int]] {
    Dictionary(grouping: try simulation.firings(of: circuit[layer], from: start), by: \.step)
      .mapValues { $0.map(\.neuron) }
  }
}
