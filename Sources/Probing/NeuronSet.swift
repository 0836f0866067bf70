import Models
import Recordings
import Support
import Tensors

/// Neurons of the feed-forward parts of a model: for each block the positions that are chosen.
public struct NeuronSet: Sendable, Equatable {
  /// Ascending positions by block; as many entries as the model has blocks.
  public private(set) var blocks: [[Int]]

  /// - Parameter blocks: Positions by block, in any order.
  public init(blocks: [[Int]]) {
    self.blocks = blocks.map { zip($0, $0.dropFirst()).allSatisfy(<) ? $0 : Set($0).sorted() }
  }

  /// The neurons at `flat` positions `block · neurons + neuron`.
  public init(flat: [Int], blocks: Int, neurons: Int) {
    var lists = [[Int]](repeating: [], count: blocks)
    for position in flat {
      precondition((0..<blocks * neurons).contains(position), "neuron \(position) of \(blocks) x \(neurons)")
      lists[position / neurons].append(position % neurons)
    }
    self.init(blocks: lists)
  }

  public var count: Int { blocks.reduce(0) { $0 + $1.count } }

  /// As many other neurons in every block, at random: the control of a causal test.
  public func matched(neurons: Int, using generator: inout RandomGenerator) -> NeuronSet {
    NeuronSet(
      blocks: blocks.map { chosen in
        let others = Set(0..<neurons).subtracting(chosen).sorted()
        let count = Swift.min(chosen.count, others.count)
        return generator.subset(count, of: others.count).map { others[$0] }
      })
  }

  /// Instruments that change these neurons alike at `blocks.l.<site>`; for `withInstruments`.
  public func perturbations(
    _ kind: Perturbation.Kind, at site: String = "mlp", positions: Range<Int>? = nil
  ) -> [any Instrument] {
    blocks.enumerated().filter { !$1.isEmpty }.map { block, neurons in
      Perturbation(kind, at: SitePattern("blocks.\(block).\(site)"), neurons: neurons, positions: positions)
    }
  }
}
