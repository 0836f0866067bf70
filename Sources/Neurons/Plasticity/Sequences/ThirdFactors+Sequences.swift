import Foundation
import Support
import Tensors

extension RewardModulatedSTDP {
  /// The change of weights `[out, in]` by a modulator over whole sequences of spikes, before any clipping.
  ///
  /// `Σ_t m(t) c(t)` with the eligibilities c, of which none is ever kept: each pair's eligibility meets the modulator that
  /// is yet to come, discounted, so that two products of matrices suffice. Times η and the step; a mean over the batch.
  ///
  /// - Parameters:
  ///   - presynaptic: Spikes `[T, B, in]`.
  ///   - postsynaptic: Spikes `[T, B, out]`.
  ///   - modulator: `[T, B]`, level included: what is there in each step. A reward at the end of trials, as in Frémaux et
  ///     al. (2010), is zero in all steps but the last.
  ///   - step: ms.
  public func update(presynaptic: Tensor, postsynaptic: Tensor, modulator: Tensor, step: Double = 1)
    -> Tensor
  {
    let sum = modulated(presynaptic, postsynaptic, modulator, step)
    return sum * (learningRate * step / 1000)
  }

  /// The eligibilities `[out, in]` after the last step of sequences of spikes, a mean over the batch.
  public func eligibilities(presynaptic: Tensor, postsynaptic: Tensor, step: Double = 1) -> Tensor {
    let last = Tensor.zeros(Array(presynaptic.shape.prefix(2)), presynaptic.elementType)
    last[presynaptic.size(0) - 1].assign(Tensor.ones([presynaptic.size(1)], presynaptic.elementType))
    return modulated(presynaptic, postsynaptic, last, step)
  }

  /// `Σ_t m(t) c(t)`, a mean over the batch.
  private func modulated(_ presynaptic: Tensor, _ postsynaptic: Tensor, _ modulator: Tensor, _ step: Double)
    -> Tensor
  {
    checkSequences(presynaptic, postsynaptic)
    let shape = Array(presynaptic.shape.prefix(2))
    precondition(modulator.shape == shape, "a modulator of \(modulator.shape), not \(shape)")
    return withoutGradients {
      let (pre, post) = (presynaptic.detached(), postsynaptic.detached())
      // What a coincidence in a step will be worth: the modulator from then on, discounted by the eligibility's decay.
      let ahead = PlasticityTrace(timeConstant: eligibility.timeConstant)
        .values(of: modulator.detached().flipped(0), step: step).flipped(0).unsqueezed(2)
      let (x, y) = seenTraces(pre, post, step)
      let gained = (post * ahead).outerSum(x) * pairs.potentiation
      let lost = (y * ahead).outerSum(pre) * pairs.depression
      return (gained - lost) / Double(shape[1])
    }
  }

  /// The presynaptic traces that postsynaptic spikes see, and the postsynaptic ones that presynaptic spikes see.
  private func seenTraces(_ pre: Tensor, _ post: Tensor, _ step: Double) -> (x: Tensor, y: Tensor) {
    let (ofPre, ofPost) = (pairs.presynaptic[0], pairs.postsynaptic[0])
    let (x, y) = (ofPre.values(of: pre, step: step), ofPost.values(of: post, step: step))
    return (
      pairs.coincidentSpikes == .potentiate ? x : ofPre.before(x, step: step),
      pairs.coincidentSpikes == .depress ? y : ofPost.before(y, step: step)
    )
  }
}

extension ErrorModulatedRule {
  /// The change of weights `[out, in]` by sequences: summed over time, a mean over the batch.
  /// - Parameters:
  ///   - presynaptic: Spikes `[T, B, in]`.
  ///   - error: `[T, B, out]`.
  ///   - gate: `[T, B]`, 0...1; nil where it is always open.
  ///   - step: ms.
  ///   - start: The traces `[B, in]` of what came before.
  public func update(
    presynaptic: Tensor, error: Tensor, gate: Tensor? = nil, step: Double = 1, from start: Tensor? = nil
  ) -> Tensor {
    checkSequences(presynaptic, error)
    let shape = Array(presynaptic.shape.prefix(2))
    precondition(gate.map { $0.shape == shape } ?? true, "a gate of \(gate!.shape), not \(shape)")
    return withoutGradients {
      let traces = trace.values(of: presynaptic, step: step, from: start)
      let errors = gate.map { error.detached() * $0.detached().unsqueezed(2) } ?? error.detached()
      return errors.outerSum(traces) * (learningRate / Double(shape[1]))
    }
  }

  /// The change of weights `[out, in]` in one step, for errors that depend on what was learned in the steps before.
  /// - Parameters:
  ///   - traces: `[B, in]`, zeros at the start; moved on by this step's spikes.
  ///   - presynaptic: Spikes `[B, in]`.
  ///   - error: `[B, out]`.
  ///   - gate: `[B]`.
  public func update(
    _ traces: inout Tensor, presynaptic: Tensor, error: Tensor, gate: Tensor? = nil, step: Double = 1
  ) -> Tensor {
    let spikes = presynaptic.unsqueezed(0)
    let change = update(
      presynaptic: spikes, error: error.unsqueezed(0), gate: gate?.unsqueezed(0), step: step, from: traces)
    traces = trace.values(of: spikes, step: step, from: traces)[0]
    return change
  }
}

private func checkSequences(_ a: Tensor, _ b: Tensor) {
  precondition(
    a.rank == 3 && b.rank == 3 && Array(a.shape.prefix(2)) == Array(b.shape.prefix(2)),
    "sequences [T, B, in] and [T, B, out] are needed, not \(a.shape) and \(b.shape)")
}

extension Tensor {
  /// `Σ_tb self[t, b, o] other[t, b, i]`: `[out, in]`.
  fileprivate func outerSum(_ other: Tensor) -> Tensor {
    reshaped(-1, size(2)).transposed().matmul(other.reshaped(-1, other.size(2)))
  }
}
