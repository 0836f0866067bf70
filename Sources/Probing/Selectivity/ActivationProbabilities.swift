import Foundation
import Support

/// How likely every neuron is active for each of several labels: `[L, N, K]`, layers × neurons × labels.
public struct ActivationProbabilities: Sendable, Equatable {
  public let layers: Int
  /// Neurons of a layer.
  public let neurons: Int
  public let labels: Int
  /// Row-major; the labels of one neuron lie next to each other.
  public let values: [Double]

  public init(_ values: [Double], layers: Int, neurons: Int, labels: Int) {
    precondition(
      values.count == layers * neurons * labels && labels > 0,
      "\(values.count) probabilities for [\(layers), \(neurons), \(labels)]")
    self.values = values
    self.layers = layers
    self.neurons = neurons
    self.labels = labels
  }

  /// From counts of whole texts less those of their prompts alone: what is left belongs to the answers (Zhang et al. 2025,
  /// section on neuron statistics).
  ///
  /// - Parameters:
  ///   - full: Active tokens `[L, N, K]` in prompt and answer; `prompts` likewise in the prompts.
  ///   - fullTokens: Tokens of each label; `promptTokens` likewise.
  public init(
    full: [Int64], prompts: [Int64], fullTokens: [Int64], promptTokens: [Int64], layers: Int, neurons: Int
  ) {
    let labels = fullTokens.count
    precondition(
      full.count == prompts.count && promptTokens.count == labels,
      "\(full.count) counts with \(prompts.count) of prompts, \(labels) and \(promptTokens.count) totals")
    let totals = zip(fullTokens, promptTokens).map { Double(max($0 - $1, 1)) }
    let values = full.indices.map { Double(max(full[$0] - prompts[$0], 0)) / totals[$0 % labels] }
    self.init(values, layers: layers, neurons: neurons, labels: labels)
  }

  /// Layers times neurons.
  public var count: Int { layers * neurons }

  /// The probabilities of the neuron at `flat` position `layer · neurons + neuron`.
  public func ofNeuron(_ flat: Int) -> ArraySlice<Double> { values[flat * labels..<(flat + 1) * labels] }

  /// The greatest probability of each neuron over the labels, `[L · N]`.
  public var maxima: [Double] { (0..<count).map { ofNeuron($0).max()! } }

  /// The entropy of each neuron's probabilities over the labels, as a share of the largest possible one, `[L · N]`: 0
  /// for a neuron of one label, 1 for one that knows no difference (LAPE, Tang et al. 2024).
  ///
  /// A neuron that is never active counts as one without differences. Of a single label it is 0.
  public var entropies: [Double] {
    let largest = log(Double(labels))
    return (0..<count).map { flat in
      guard labels > 1 else { return 0 }
      return Self.entropy(ofNeuron(flat)) / largest
    }
  }

  /// The entropy in nats of weights made to sum to 1.
  static func entropy(_ weights: ArraySlice<Double>) -> Double {
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return log(Double(weights.count)) }
    // Zeros count as 1e-12, which keeps the logarithm finite.
    let clamped = weights.map { max($0 / sum, 1e-12) }
    let total = clamped.reduce(0, +)
    return -clamped.reduce(0) { $0 + $1 / total * log($1 / total) }
  }

  /// `(a - b) / (a + b)` of each neuron, where a is the probability for its preferred label and b the mean of the others,
  /// `[L · N]` (Morcos et al. 2018): 1 for a neuron of one label, 0 without preference or activity.
  public var selectivityIndices: [Double] {
    (0..<count).map { SelectivityIndex.of(ofNeuron($0)) }
  }

  /// The label for which each neuron is most active, the lowest of equals, `[L · N]`.
  public var preferredLabels: [Int] { (0..<count).map { SelectivityIndex.preferred(ofNeuron($0)) } }
}

/// How far one label stands out among the mean responses of a neuron.
public enum SelectivityIndex {
  /// `(a - b) / (a + b)`: a the largest of the responses, b the mean of the others. 0 where both are 0.
  ///
  /// Responses should not be negative: the index is within 0...1 only then.
  public static func of(_ responses: some Collection<Double>) -> Double {
    guard responses.count > 1, let largest = responses.max() else { return 0 }
    let others = (responses.reduce(0, +) - largest) / Double(responses.count - 1)
    return largest + others == 0 ? 0 : max(0, (largest - others) / (largest + others))
  }

  /// The position of the largest response, the first of equals.
  static func preferred(_ responses: ArraySlice<Double>) -> Int {
    responses.indices.dropFirst().reduce(responses.startIndex) { responses[$1] > responses[$0] ? $1 : $0 }
      - responses.startIndex
  }
}
