import Datasets
import Tensors

/// What neurons of a NIR graph remember.
struct NIRNeuronState: NeuronState {
  var membrane, current: Tensor

  init(_ variables: [Tensor]) { (membrane, current) = (variables[0], variables[1]) }
  var variables: [Tensor] { [membrane, current] }
}

/// The neurons of NIR in steps (``NIRDiscreteNeuron``), every constant a neuron's own:
/// synaptic decay and gain, decay, gain, offset, threshold, reset.
///
///     i ← a i + b x,   v ← d v + g i + o,   s = 1 if v >= θ, then v ← r
///
/// NIR asks for `v > θ`; the two differ only where a membrane meets its threshold exactly.
struct NIRNeurons: NeuronModel {
  typealias State = NIRNeuronState
  static let variableCount = 2
  static let parameterCount = 7
  /// Whether the input passes a synapse first.
  let hasSynapse: Bool
  /// Whether the neurons fire; if not, their output is the membrane.
  let fires: Bool
  let surrogate: SurrogateGradient

  var rest: [Double] { [0, 0] }

  @inline(__always)
  func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _ own: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let current = hasSynapse ? state[1] * own[0] + inputs[0] * own[1] : inputs[0]
    let charged = state[0] * own[2] + current * own[3] + own[4]
    guard fires else { return (charged, Variables(charged, hasSynapse ? current : state[1])) }
    let spikes = (charged - own[5]).spikes(surrogate)
    let resetting = spikes.detached()
    let membrane = charged * (1 - resetting) + own[6] * resetting
    return (spikes, Variables(membrane, hasSynapse ? current : state[1]))
  }
}
