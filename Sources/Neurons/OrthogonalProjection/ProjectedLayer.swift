import Support
import Tensors

/// How the error signal travels back through a layer.
public enum Feedback: String, Sendable, CaseIterable {
  /// Through the weights themselves.
  case backpropagation
  /// Through fixed random synapses (Lillicrap et al., 2016).
  case alignment
  /// Through synapses that share only the weights' signs, `sign(W)/√n` (Liao, Leibo and Poggio, 2016).
  case signSymmetric
}

/// A layer of synapses without bias whose weights learn only outside a protected subspace of its inputs.
///
/// Forward it is the plain layer, and so is the way of the error signal to its inputs. With no ``subspace`` its learning is
/// plain too. Path: `weight` `[out, …]`; buffer `feedbackWeight` where the feedback has its own synapses.
open class ProjectedLayer: Layer {
  public let weight: Parameter
  public let feedback: Feedback
  public let feedbackWeight: Buffer?
  /// What is protected, and how it is found.
  public var subspace: (any ActivitySubspace)?

  /// Numbers of input that each output sees: n.
  public var inputs: Int { weight.value.count / weight.value.size(0) }

  init(
    _ shape: [Int], _ feedback: Feedback, _ initialisation: Initialisation, _ type: ElementType,
    using generator: inout RandomGenerator
  ) {
    let area = shape.dropFirst(2).reduce(1, *)
    let (fanIn, fanOut) = (shape[1] * area, shape[0] * area)
    weight = Parameter(initialisation.tensor(shape, fanIn: fanIn, fanOut: fanOut, type, using: &generator))
    self.feedback = feedback
    feedbackWeight =
      feedback == .alignment
      ? Buffer(
        Initialisation.uniformFanIn.tensor(shape, fanIn: fanIn, fanOut: fanOut, type, using: &generator))
      : nil
  }

  /// The weights of the way back, nil where they are the layer's own.
  var returningWeight: Tensor? {
    switch feedback {
    case .backpropagation: nil
    case .alignment: feedbackWeight?.value
    case .signSymmetric: weight.value.detached().sign() / Double(inputs).squareRoot()
    }
  }

  /// The weights, whose gradient is projected where the projection is linear.
  var protectedWeight: Tensor {
    guard let subspace, subspace.isLinear, let rows = subspace.protected else { return weight.value }
    return weight.value.projectingGradient(outOf: rows)
  }

  /// The presynaptic vectors `[S, n]` in a batch of inputs.
  open func presynaptic(_ x: Tensor) -> Tensor { x.reshaped(-1, inputs) }

  /// Postsynaptic currents, with `trace` in place of the inputs in the weights' gradient if it is given.
  open func currents(_ x: Tensor, trace: Tensor? = nil) -> Tensor {
    preconditionFailure("\(type(of: self)) has no currents")
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { currents(x) }
}

/// All to all: `[…, n]` -> `[…, m]`, weight `[m, n]`.
public final class ProjectedLinear: ProjectedLayer {
  public init(
    _ inputs: Int, _ outputs: Int, feedback: Feedback = .backpropagation,
    _ initialisation: Initialisation = .uniformFanIn, _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) {
    super.init([outputs, inputs], feedback, initialisation, type, using: &generator)
  }

  public override func currents(_ x: Tensor, trace: Tensor? = nil) -> Tensor {
    x.linear(protectedWeight, crediting: credited(x, trace), returningThrough: returningWeight)
  }

  /// What the weights learn from, where it is not x itself or its projection can be left to the gradient.
  private func credited(_ x: Tensor, _ trace: Tensor?) -> Tensor? {
    guard let subspace, !subspace.isLinear, subspace.protected != nil else { return trace }
    let activity = (trace ?? x).detached()
    return withoutGradients { activity - subspace.projection(of: activity) }
  }
}
