import Support
import Tensors

/// How a spiking network is trained; each rule is (error signal) × (presynaptic trace) in the weights' gradient.
public enum LearningRule: Sendable, Equatable {
  /// By weighted firing rates; see ``DSRNeurons``.
  case dsr(DSRParameters = DSRParameters())
  /// Backpropagation through time with a surrogate of the spike's derivative; see ``LIF``.
  case bptt(LIFParameters = LIFParameters(surrogate: .sigmoid()))
  /// Online, each step by itself, with traces; see ``OnlineLIF``.
  case ottt(LIFParameters = OnlineLIF().parameters)

  /// The rule's name as the field writes it.
  public var name: String {
    switch self {
    case .dsr: "DSR"
    case .bptt: "BPTT"
    case .ottt: "OTTT"
    }
  }

  /// A constant input's currents `[B, …]` at every step, `[T, B, …]`, such that the weights behind them receive the
  /// gradient that the rule gives for an input repeated T times.
  public func spread(_ currents: Tensor, steps: Int) -> Tensor {
    let shape = [steps] + currents.shape
    guard case .ottt(let parameters) = self else { return currents.unsqueezed(0).expanded(shape) }
    let traces = Tensor(
      SpikeTrace(timeConstant: parameters.timeConstant).ofConstant(steps: steps), shape: [1, steps],
      as: currents.elementType)
    return customGradient([currents]) { inputs in
      (
        [inputs[0].unsqueezed(0).expanded(shape).contiguous()],
        { gradients in
          gradients[0].map { [traces.matmul($0.reshaped(steps, -1)).reshaped(inputs[0].shape)] } ?? [nil]
        }
      )
    }[0]
  }

  /// What stands for activity `[T, …]` in the weights' gradient, nil where it is the activity itself.
  public func creditTrace(_ activity: Tensor) -> Tensor? {
    guard case .ottt(let parameters) = self else { return nil }
    return SpikeTrace(timeConstant: parameters.timeConstant)(activity)
  }

  /// The presynaptic activity whose subspace matters to the rule, as samples: `[T, B, …]` -> `[S, …]`. Weighted
  /// rates (S = B), spikes of all steps or traces of all steps (S = T B).
  public func presynaptic(_ activity: Tensor, trace: Tensor? = nil) -> Tensor {
    switch self {
    case .dsr(let parameters): parameters.weightedRate(activity.detached())
    case .bptt: activity.detached().flattened(from: 0, to: 1)
    case .ottt: (trace ?? creditTrace(activity)!).flattened(from: 0, to: 1)
    }
  }

  /// The same for an input `[B, …]` that stays constant: samples of the same second moment.
  public func presynaptic(constant input: Tensor, steps: Int) -> Tensor {
    guard case .ottt(let parameters) = self else { return input }
    let traces = SpikeTrace(timeConstant: parameters.timeConstant).ofConstant(steps: steps)
    return input * (traces.reduce(0) { $0 + $1 * $1 } / Double(steps)).squareRoot()
  }

  /// The network's answer `[B, K]` from the currents of its output `[T, B, K]`.
  public func answer(_ currents: Tensor) -> Tensor {
    if case .dsr(let parameters) = self { return parameters.weightedRate(currents) }
    return currents.mean(axis: 0)
  }

  /// The mean cross-entropy `[]` of output currents `[T, B, K]` with classes `[B]`; online training takes it at every step.
  public func loss(_ currents: Tensor, _ labels: Tensor) -> Tensor {
    guard case .ottt = self else { return answer(currents).crossEntropy(labels) }
    return SpikeLoss.membraneCrossEntropy(currents, labels)
  }
}

/// A population of neurons under a learning rule, as a part of a network. Path: `threshold` (DSR alone).
public final class SpikingNeurons: Module {
  public let rule: LearningRule
  /// V_th, one number, trained with the weights until it is frozen.
  public let threshold: Parameter?

  public init(_ rule: LearningRule) {
    self.rule = rule
    if case .dsr(let parameters) = rule {
      threshold = Parameter(Tensor([parameters.threshold], as: .float32))
    } else {
      threshold = nil
    }
  }

  /// Currents `[T, B, …]` to spikes of the same shape, from rest.
  public func callAsFunction(_ currents: Tensor) -> Tensor {
    switch rule {
    case .dsr(let parameters): return DSRNeurons(parameters)(currents, threshold: threshold?.value)
    case .bptt(let parameters): return LIF(parameters)(flat(currents)).output.reshaped(currents.shape)
    case .ottt(let parameters): return OnlineLIF(parameters)(flat(currents)).output.reshaped(currents.shape)
    }
  }

  /// `[T, B, …]` as `[T, B, N]`.
  private func flat(_ currents: Tensor) -> Tensor {
    currents.rank == 3 ? currents : currents.flattened(from: 2)
  }
}
