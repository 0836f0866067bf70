import Support

/// The neurons that ``LabelSelectivity`` selected, with the labels that they serve.
public struct SelectiveNeurons: Sendable, Equatable {
  /// Whom a neuron serves.
  public enum Kind: Int, Sendable, CaseIterable {
    /// One label.
    case specific
    /// Several labels, not all.
    case related
    /// All labels; neurons without preference are of this kind too.
    case agnostic
  }

  public let layers: Int
  /// Neurons of a layer.
  public let neurons: Int
  public let labels: Int
  /// A label is served where the probability exceeds this.
  public let threshold: Double
  /// Flat positions `layer · neurons + neuron` of the selected neurons, ascending.
  public let selected: [Int]
  /// The labels that each selected neuron serves.
  public let served: [[Int]]

  public init(_ probabilities: ActivationProbabilities, selected: [Int], threshold: Double) {
    layers = probabilities.layers
    neurons = probabilities.neurons
    labels = probabilities.labels
    self.selected = selected
    self.threshold = threshold
    served = selected.map { flat in
      probabilities.ofNeuron(flat).enumerated().filter { $1 > threshold }.map(\.offset)
    }
  }

  /// How many selected neurons serve exactly 0, 1, … K labels.
  public var servedCounts: [Int] {
    var counts = [Int](repeating: 0, count: labels + 1)
    for list in served { counts[list.count] += 1 }
    return counts
  }

  /// The kind of a selected neuron by how many labels it serves; nil for one that serves none.
  public func kind(serving count: Int) -> Kind? {
    switch count {
    case 0: nil
    case labels: .agnostic
    case 1: .specific
    default: .related
    }
  }

  /// The selected neurons that serve `label`, of the given kinds.
  public func neurons(of label: Int, _ kinds: Set<Kind> = Set(Kind.allCases)) -> NeuronSet {
    let flat = zip(selected, served).filter { _, list in
      list.contains(label) && kind(serving: list.count).map(kinds.contains) == true
    }
    return NeuronSet(flat: flat.map(\.0), blocks: layers, neurons: neurons)
  }

  /// How many neurons of each layer are of a kind. All neurons that are neither specific nor related count as agnostic.
  public func countByLayer(_ kind: Kind) -> [Int] {
    var counts = [Int](repeating: kind == .agnostic ? neurons : 0, count: layers)
    for (flat, list) in zip(selected, served) {
      let own = self.kind(serving: list.count) ?? .agnostic
      if kind == .agnostic {
        counts[flat / neurons] -= own == .agnostic ? 0 : 1
      } else if own == kind {
        counts[flat / neurons] += 1
      }
    }
    return counts
  }

  /// How many neurons of the model are of a kind.
  public func count(_ kind: Kind) -> Int { countByLayer(kind).reduce(0, +) }

  /// The overlap of the labels' neurons: Jaccard indices `[K][K]`, not a number for two labels without neurons.
  public var overlaps: [[Double]] {
    let sets = (0..<labels).map { neurons(of: $0) }
    return sets.map { a in sets.map { a.jaccardIndex(with: $0) } }
  }
}
