import Support
import Tensors

/// Which neurons reach which: a sparse matrix in rows of targets (compressed sparse rows, CSR).
public struct Connectivity: Sendable, Equatable {
  /// Neurons that send, and that receive.
  public let sources, targets: Int
  /// Where the synapses of each source begin, and behind the last where all end: `sources + 1` numbers.
  public let first: [Int]
  /// The target of each synapse, ascending for each source.
  public let target: [Int32]

  public var count: Int { target.count }

  /// - Parameter reached: The targets of each source, in any order.
  /// - Precondition: Targets exist, and none is named twice by one source.
  public init(targets: Int, reached: [[Int]]) {
    sources = reached.count
    self.targets = targets
    var (first, all) = ([0], [Int32]())
    for (source, list) in reached.enumerated() {
      let sorted = list.sorted()
      precondition(
        sorted.allSatisfy { (0..<targets).contains($0) }
          && zip(sorted, sorted.dropFirst()).allSatisfy { $0 < $1 },
        "source \(source) has targets that do not exist or come twice, of \(targets)")
      all += sorted.map(Int32.init)
      first.append(all.count)
    }
    (self.first, target) = (first, all)
  }

  /// The synapses of a source.
  public func synapses(of source: Int) -> Range<Int> { first[source]..<first[source + 1] }
  /// The targets of a source.
  public subscript(source: Int) -> [Int] { target[synapses(of: source)].map(Int.init) }
  /// The source of each synapse.
  public var source: [Int32] {
    (0..<sources).flatMap { [Int32](repeating: Int32($0), count: synapses(of: $0).count) }
  }

  public var outDegrees: [Int] { (0..<sources).map { synapses(of: $0).count } }
  public var inDegrees: [Int] {
    var degrees = [Int](repeating: 0, count: targets)
    for neuron in target { degrees[Int(neuron)] += 1 }
    return degrees
  }

  /// The same synapses as seen by their targets.
  public var transposed: Connectivity {
    var reached = [[Int]](repeating: [], count: targets)
    for s in 0..<sources { for t in self[s] { reached[t].append(s) } }
    return Connectivity(targets: sources, reached: reached)
  }

  /// 1 where there is a synapse, as weights have it: `[targets, sources]`.
  public var mask: Tensor {
    var values = [Float](repeating: 0, count: sources * targets)
    for s in 0..<sources { for t in self[s] { values[t * sources + s] = 1 } }
    return Tensor(values, shape: [targets, sources])
  }
}
