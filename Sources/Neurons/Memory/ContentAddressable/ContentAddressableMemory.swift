import Recordings
import Support

/// A spiking memory of pairs of a cue and a content, after hippocampal area CA3 (Casanueva-Morato et al., 2024).
///
/// A cue is one neuron of `cueSize`, a content any set of bits among `contentSize`. Both given: learnt at once, whatever the cue held
/// before is gone. A cue alone: its content comes out. Bits alone: every cue comes out whose content holds one of them.
///
/// ```swift
/// let memory = try ContentAddressableMemory(cueSize: 5, contentSize: 10)
/// try memory.learn(cue: 0, content: [0, 1, 8, 9])
/// try memory.learn(cue: 3, content: [4, 5, 6])
/// try memory.recall(cue: 0)          // [0, 1, 8, 9]
/// try memory.recall(content: [6])    // [3]
/// ```
///
/// Every operation runs the network, of which spikes and weights can be read at any time. Several bits given at once are answered by
/// what single bits recall, and often by other cues too, where weights that are each too small for a spike add up;
/// ``recallInTurn(content:)`` gives the bits one after the other. That is exact as long as single bits are: a bit that a cue held before
/// it was overwritten keeps some 3.1 nA to it, where 3.36 fire, and gains 0.16 nA whenever the cue learns 14 ms after the bit fired.
public final class ContentAddressableMemory {
  public let cueSize, contentSize: Int
  public let parameters: Parameters
  /// The network, with a handle for every layer.
  public let circuit: ContentAddressableCircuit
  public let simulation: Simulation
  /// How long ``perform(_:)`` goes on after the beginning of an operation, and how far a script's operations are apart.
  public var spacing = OperationSpacing.recommended
  public var overlap = OverlapPolicy.refused
  /// What ``OverlapPolicy/noted`` had to say, and which operations came sooner than recommended.
  public internal(set) var warnings: [String] = []
  let cueInput, contentInput: Population

  /// - Parameter weights: What is stored already; nothing if nil.
  /// - Throws: `CajalError` naming the size, parameter or weights that cannot be.
  public init(
    cueSize: Int, contentSize: Int, parameters: Parameters = Parameters(), weights: Weights? = nil
  ) throws {
    guard cueSize > 0, contentSize > 0 else {
      throw CajalError(
        "a memory of \(cueSize) cues and \(contentSize) bits of content; both should be above 0")
    }
    var network = Network(step: 1.ms)
    cueInput = network.addSpikes("cueInput", at: [[Double]](repeating: [], count: cueSize))
    contentInput = network.addSpikes("contentInput", at: [[Double]](repeating: [], count: contentSize))
    circuit = try ContentAddressableCircuit(
      cueInput: cueInput, contentInput: contentInput, parameters: parameters, weights: weights, in: &network)
    for population in network.allPopulations { network.recordSpikes(of: population) }
    (self.cueSize, self.contentSize, self.parameters) = (cueSize, contentSize, parameters)
    simulation = try Simulation(network, precision: .double, threads: 1)
  }

  public convenience init(_ configuration: Configuration) throws {
    try self.init(
      cueSize: configuration.cueSize, contentSize: configuration.contentSize,
      parameters: configuration.parameters, weights: configuration.weights)
  }

  /// The time simulated, in milliseconds.
  public var time: Int { simulation.steps }

  /// Learns a memory and goes on until the next operation may come.
  ///
  /// - Throws: `CajalError` naming the cue or bit that does not exist, or an empty content.
  @discardableResult
  public func learn(cue: Int, content: [Int]) throws -> Answer {
    try perform(.learn(cue: cue, content: content))
  }

  /// The content of a cue, ascending; empty if nothing was learnt.
  public func recall(cue: Int) throws -> [Int] { try perform(.recallByCue(cue)).content }

  /// The cues whose content holds any of these bits, ascending.
  public func recall(content: [Int]) throws -> [Int] { try perform(.recallByContent(content)).cues }

  /// The cues of single bits, given one after the other; what several bits recall together follows without weights adding up.
  public func recallInTurn(content: [Int]) throws -> BitwiseRecall {
    BitwiseRecall(cues: try content.map { try recall(content: [$0]) })
  }

  /// Runs an operation now, and the network for ``spacing`` from its beginning.
  ///
  /// - Throws: `CajalError` if ``spacing`` ends before the answer does, or comes closer than what is documented and
  ///   ``overlap`` refuses that.
  @discardableResult
  public func perform(_ operation: Operation) throws -> Answer {
    let needed = parameters.latency.longest + operation.duration
    guard spacing.after(operation) >= needed else {
      throw CajalError(
        "an operation takes \(needed) ms to answer; the next should not begin \(spacing.after(operation)) ms after it (run(_:until:) reads answers of operations that overlap)"
      )
    }
    let least = OperationSpacing.documented.after(operation)
    guard overlap != .refused || spacing.after(operation) >= least else {
      throw CajalError(
        "a spacing of \(spacing.after(operation)) ms after \(operation.isLearning ? "a learning" : "a recall"); \(least) ms are needed (overlap: .noted or .allowed takes it all the same)"
      )
    }
    let end = time + spacing.after(operation)
    return try run([TimedOperation(operation, at: time)], until: end)[0]
  }

  /// Has input neurons fire once at a time, which is not past.
  ///
  /// - Throws: `CajalError` naming the neuron that does not exist.
  public func schedule(cues: [Int] = [], content: [Int] = [], at time: Int) throws {
    for (neurons, population) in [(cues, cueInput), (content, contentInput)] where !neurons.isEmpty {
      try simulation.schedule(neurons.map { ($0, Double(time).ms) }, from: population)
    }
  }

  /// One millisecond: these input neurons fire, what the output says in it is returned. For a memory within a system of your own.
  public func step(cues: [Int] = [], content: [Int] = []) throws -> (cues: [Int], content: [Int]) {
    let now = time
    try schedule(cues: cues, content: content, at: now)
    try simulation.run(for: 1.ms)
    return (
      try simulation.firings(of: circuit[.outputCue], from: now).map(\.neuron),
      try simulation.firings(of: circuit[.outputContent], from: now).map(\.neuron)
    )
  }
}

extension ContentAddressableMemory {
  /// What bits recalled one by one.
  public struct BitwiseRecall: Sendable, Equatable {
    /// By bit, in the order in which they were given.
    public let cues: [[Int]]
    /// Cues of any of the bits.
    public var any: [Int] { Set(cues.joined()).sorted() }
    /// Cues of all of the bits: memories that hold the whole fragment.
    public var all: [Int] { all(first: cues.count) }

    /// Cues of all of the first bits.
    public func all(first count: Int) -> [Int] {
      guard var common = cues.first.map(Set.init) else { return [] }
      for other in cues.prefix(count).dropFirst() { common.formIntersection(other) }
      return common.sorted()
    }
  }
}
