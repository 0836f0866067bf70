import Support
import Tensors

/// Leaky integrate-and-fire neurons of online training through time (Xiao et al., 2022): the gradient of a step stays
/// in that step.
///
/// Forward they are ``LIF``; backward the membrane is taken as given, so that `dL/dz[t] = gain · dL/ds[t] · σ'(h[t] - θ)`.
/// What came before enters through ``SpikeTrace`` in the weights' gradient. Any number of steps can be taken at a
/// time, one too, without keeping a graph: the state goes in and comes out.
public struct OnlineLIF: Sendable {
  public let parameters: LIFParameters

  /// - Parameter parameters: By default those of the paper: τ = 2, no decay of the input, soft reset.
  public init(
    _ parameters: LIFParameters = LIFParameters(
      timeConstant: 2, reset: .soft, decaysInput: false, surrogate: .sigmoid())
  ) {
    self.parameters = parameters
  }

  /// Currents `[T, …]` to spikes `[T, …]`, from a state or from rest.
  public func callAsFunction(_ currents: Tensor, from state: LIFState? = nil) -> (
    spikes: Tensor, state: LIFState
  ) {
    precondition(currents.rank >= 2, "online neurons take [T, …], not \(currents.shape)")
    let start = state ?? LIF(parameters).rest(like: currents[0])
    precondition(
      start.membrane.shape == Array(currents.shape.dropFirst()),
      "a state of \(start.membrane.shape) for currents of \(currents.shape)")
    return NeuronLoop.applies(to: currents, start.membrane)
      ? fused(currents, from: start) : unfused(currents, from: start)
  }

  /// The same step by step, for checks and for other element types and devices.
  public func unfused(_ currents: Tensor, from state: LIFState) -> (spikes: Tensor, state: LIFState) {
    var (state, all) = (state, [Tensor]())
    for time in 0..<currents.size(0) {
      let (spikes, next) = LIF(parameters).step(
        currents[time], LIFState(membrane: state.membrane.detached()))
      all.append(spikes)
      state = LIFState(membrane: next.membrane.detached())
    }
    return (Tensor.stacked(all), state)
  }

  private func fused(_ currents: Tensor, from start: LIFState) -> (spikes: Tensor, state: LIFState) {
    let end = Tensor.uninitialized(start.membrane.shape)
    let membrane = start.membrane.detached().contiguous()
    let spikes = customGradient([currents]) { inputs in
      let x = inputs[0].contiguous()
      let (charged, spikes) = (Tensor.uninitialized(x.shape), Tensor.uninitialized(x.shape))
      _ = NeuronLoop.map(membrane.count) {
        charge(x, membrane, charged, spikes, end, count: membrane.count, $0)
      }
      return (
        [spikes],
        { gradients in
          guard let given = gradients[0]?.contiguous() else { return [nil] }
          let pass = OnlineBackward(
            charged: charged, given: given, towards: Tensor.uninitialized(x.shape),
            gain: Float(parameters.gain), threshold: Float(parameters.threshold))
          parameters.surrogate.visit(by: pass)
          return [pass.towards]
        }
      )
    }[0]
    return (spikes, LIFState(membrane: end))
  }

  private func charge(
    _ x: Tensor, _ start: Tensor, _ charged: Tensor, _ spikes: Tensor, _ end: Tensor, count: Int,
    _ range: Range<Int>
  ) {
    let (keep, gain, rest) = (Float(parameters.keep), Float(parameters.gain), Float(parameters.rest))
    let threshold = Float(parameters.threshold)
    let offset = rest * (1 - keep)
    let isHard = parameters.reset != .soft
    let v = NeuronLoop.elements(end) + range.lowerBound
    v.update(from: NeuronLoop.elements(start) + range.lowerBound, count: range.count)
    for time in 0..<x.size(0) {
      let place = time * count + range.lowerBound
      let (xs, hs, ss) = (
        NeuronLoop.elements(x) + place, NeuronLoop.elements(charged) + place,
        NeuronLoop.elements(spikes) + place
      )
      for i in 0..<range.count {
        let h = keep * v[i] + gain * xs[i] + offset
        let fires = h >= threshold
        hs[i] = h
        ss[i] = fires ? 1 : 0
        v[i] = fires ? (isHard ? rest : h - threshold) : h
      }
    }
  }
}

/// The way back, every step for itself.
private struct OnlineBackward: SurrogateVisitor {
  let charged, given, towards: Tensor
  let gain, threshold: Float

  func visit<Surrogate: SurrogateKernel>(_ surrogate: Surrogate) {
    _ = NeuronLoop.map(charged.count) { range in
      let (h, g, d) = (
        NeuronLoop.elements(charged), NeuronLoop.elements(given), NeuronLoop.elements(towards)
      )
      for i in range { d[i] = gain * g[i] * surrogate.derivative(h[i] - threshold) }
    }
  }
}
