import Support
import Tensors

/// Any plasticity rule over whole sequences of spikes: weights `[out, in]` learn online, step by step, from spikes
/// `[T, B, in]` and `[T, B, out]`.
///
/// ```swift
/// let plasticity = SequencePlasticity(TripletSTDP.diehlCook(), step: 0.5)
/// (weight, state) = plasticity(weight, presynaptic: inputs, postsynaptic: outputs, from: state)
/// ```
///
/// Work is done at spikes only. Every synapse takes the course of ``SynapseTimeline`` without delays. The sequences of a batch
/// share the weights: in each step they are taken one after another.
///
/// The rules of this room run at full speed; one from another module works, at some 100 ns a change instead of 2.
public struct SequencePlasticity<Rule: PlasticityRule>: Sendable {
  public let rule: Rule
  /// Length of a step, ms.
  public let step: Double

  public init(_ rule: Rule, step: Double = 1) {
    precondition(step > 0, "a step of \(step) ms")
    precondition(
      rule.presynaptic.count <= 2 && rule.postsynaptic.count <= 2, "a rule of more than two traces a side")
    (self.rule, self.step) = (rule, step)
  }

  /// The weights after sequences of spikes, outside the graph, and the traces to go on from.
  ///
  /// - Parameters:
  ///   - weight: `[out, in]`.
  ///   - presynaptic: `[T, B, in]`; every element that is not zero is one spike.
  ///   - postsynaptic: `[T, B, out]`.
  ///   - state: Of the sequences before; nil at rest.
  public func callAsFunction(
    _ weight: Tensor, presynaptic: Tensor, postsynaptic: Tensor, from state: SequenceTraces? = nil
  ) -> (weight: Tensor, state: SequenceTraces) {
    let shape = presynaptic.shape
    precondition(
      presynaptic.rank == 3 && postsynaptic.rank == 3 && weight.rank == 2
        && Array(postsynaptic.shape.prefix(2)) == Array(shape.prefix(2))
        && weight.shape == [postsynaptic.size(2), shape[2]],
      "spikes [T, B, in] and [T, B, out] for weights [out, in] are needed, not \(shape), \(postsynaptic.shape) and \(weight.shape)"
    )
    let start = state ?? SequenceTraces(batch: shape[1], inputs: shape[2], outputs: weight.size(0))
    precondition(
      start.presynaptic.shape == [2, shape[1], shape[2]]
        && start.postsynaptic.shape == [2, shape[1], weight.size(0)],
      "traces \(start.presynaptic.shape) and \(start.postsynaptic.shape) for spikes \(shape)")
    let target = weight.detached().to(.cpu).to(.float32).contiguous().cloned()
    guard presynaptic.count > 0, weight.count > 0 else { return (weight.detached(), start) }
    let pass = PlasticityPass(
      SpikeRows(presynaptic), SpikeRows(postsynaptic), weight: target, from: start, rule: rule, step: step)
    // Kernels are compiled for these rules; any other runs through the same code unspecialised.
    let end: SequenceTraces =
      switch rule as any PlasticityRule {
      case let rule as PairSTDP: pass.run(rule)
      case let rule as TripletSTDP: pass.run(rule)
      case let rule as InhibitorySTDP: pass.run(rule)
      case let rule as PresynapticTraceRule: pass.run(rule)
      default: pass.run(rule)
      }
    return (target.to(weight.elementType).to(weight.device), end)
  }
}

/// The traces of both sides of a projection, just after the spikes of the last step.
public struct SequenceTraces: Sendable {
  /// `[2, B, in]` and `[2, B, out]`, first and second traces; what a rule does not have stays zero.
  public let presynaptic, postsynaptic: Tensor

  /// At rest.
  public init(batch: Int, inputs: Int, outputs: Int) {
    presynaptic = Tensor.zeros([2, batch, inputs])
    postsynaptic = Tensor.zeros([2, batch, outputs])
  }

  init(_ presynaptic: Tensor, _ postsynaptic: Tensor) {
    (self.presynaptic, self.postsynaptic) = (presynaptic, postsynaptic)
  }
}

/// The spikes of a sequence `[T, B, N]` by row, which is time and batch.
struct SpikeRows: Sendable {
  let steps, batch, neurons: Int
  private let rows: EventRows

  init(_ spikes: Tensor) {
    let plain = spikes.detached().to(.cpu).to(.float32).contiguous()
    let events = SpikeEvents(plain, limit: 1, strides: (1, plain.size(1)))!
    (steps, batch, neurons) = (events.steps, events.batch, events.neurons)
    rows = EventRows(events)
  }

  /// The neurons that fire in a row, ascending.
  @inline(__always)
  func firing(_ row: Int) -> ArraySlice<Int32> { rows.neurons[rows.range(row)] }

  /// Those of them in a range.
  @inline(__always)
  func firing(_ row: Int, in range: Range<Int>) -> ArraySlice<Int32> {
    let all = firing(row)
    guard let low = all.firstIndex(where: { $0 >= range.lowerBound }) else { return [] }
    let high = all[low...].firstIndex { $0 >= range.upperBound } ?? all.endIndex
    return all[low..<high]
  }
}
