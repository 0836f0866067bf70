import Support
import Tensors

/// All-to-all synapses without delay: `[T, B, in]` to `[T, B, out]`, quick for spikes.
///
/// As `Linear`, but inputs of which few are nonzero cost only what their spikes reach (``Tensor/spikeProduct(_:)``).
public final class DenseProjection: Layer {
  /// `[out, in]`.
  public let weight: Parameter
  /// `[out]`; a current that always flows.
  public let bias: Parameter?
  /// Who excites and who inhibits; nil where signs are free.
  public let dale: DalesPrinciple?

  /// - Parameter dale: Makes the effect of every input all excitatory or all inhibitory.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = false, _ initialisation: Initialisation = .uniformFanIn,
    dale: DalesPrinciple? = nil, using generator: inout RandomGenerator
  ) {
    let start = initialisation.tensor([outputs, inputs], fanIn: inputs, fanOut: outputs, using: &generator)
    precondition(
      dale.map { $0.signs.count == inputs } ?? true, "\(dale?.signs.count ?? 0) signs for \(inputs) inputs")
    weight = Parameter(dale == nil ? start : start.abs())
    self.bias = bias ? Parameter(.zeros([outputs])) : nil
    self.dale = dale
  }

  /// What the synapses do, with their signs, `[out, in]`.
  public var effectiveWeight: Tensor { dale?.effective(weight.value) ?? weight.value }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    let y = x.rank == 3 ? x.spikeProduct(effectiveWeight) : x.linear(effectiveWeight)
    return bias.map { y + $0.value } ?? y
  }
}

/// A neuron excites all that it reaches, or inhibits all (Dale, 1935): weights keep their signs whatever is learned.
///
/// The weight that is learned stands for a strength: its positive part acts, with the sign of the neuron it comes from.
public struct DalesPrinciple: Sendable, Equatable {
  /// Of each input: 1 excites, -1 inhibits.
  public let signs: [Double]

  public init(signs: [Double]) {
    precondition(signs.allSatisfy { abs($0) == 1 }, "signs are 1 or -1")
    self.signs = signs
  }

  /// The first `excitatory` share excites, the rest inhibits.
  public init(_ neurons: Int, excitatory share: Double = 0.8) {
    precondition((0...1).contains(share), "a share of \(share)")
    let count = Int((Double(neurons) * share).rounded())
    self.init(signs: (0..<neurons).map { $0 < count ? 1 : -1 })
  }

  /// Strengths `[out, in]` with their signs; negative strengths do nothing.
  public func effective(_ strength: Tensor) -> Tensor {
    strength.relu() * Tensor(signs).to(strength.elementType)
  }
}
