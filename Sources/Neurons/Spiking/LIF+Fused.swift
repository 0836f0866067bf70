import Support
import Tensors

extension LIF {
  /// Neurons that a thread takes at a time: their membranes stay in its fastest cache through all steps.
  private static let block = 2_048

  /// One kernel forward, one backward. What is kept for the way back is the membrane before reset; spikes, reset and
  /// surrogate follow from it.
  func fused(_ input: Tensor, from state: LIFState) -> (spikes: Tensor, state: LIFState) {
    let kernel = LIFKernel(parameters)
    let outputs = customGradient([input, state.membrane]) { inputs in
      let (x, start) = (inputs[0].contiguous(), inputs[1].contiguous())
      let steps = x.size(0)
      let count = start.count
      let (charged, spikes) = (Tensor.uninitialized(x.shape), Tensor.uninitialized(x.shape))
      let end = Tensor.uninitialized(start.shape)
      Self.blocks(count) { range in
        kernel.forward(
          Self.elements(x), Self.elements(start), Self.elements(charged), Self.elements(spikes),
          Self.elements(end),
          steps: steps, count: count, range)
      }
      return (
        [spikes, end],
        { gradients in
          let (towardsInput, towardsStart) = (
            Tensor.uninitialized(x.shape), Tensor.uninitialized(start.shape)
          )
          let ofSpikes = (gradients[0] ?? .zeros(like: charged)).contiguous()
          let ofEnd = (gradients[1] ?? .zeros(like: start)).contiguous()
          let pass = LIFBackward(
            kernel: kernel, charged: charged, ofSpikes: ofSpikes, ofEnd: ofEnd, towardsInput: towardsInput,
            towardsStart: towardsStart, steps: steps)
          parameters.surrogate.visit(by: pass)
          return [towardsInput, towardsStart]
        }
      )
    }
    return (outputs[0], LIFState(membrane: outputs[1]))
  }

  fileprivate static func blocks(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    parallelFor((count + block - 1) / block) { body($0 * block..<min(($0 + 1) * block, count)) }
  }

  fileprivate static func elements(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
    tensor.withUnsafeMutableElements(of: Float.self) { $0.baseAddress! }
  }
}

/// The loops of ``LIF``, over a block of neurons through all steps.
private struct LIFKernel: Sendable {
  let keep, gain, rest, threshold: Float
  let isHard, passesReset: Bool

  init(_ parameters: LIFParameters) {
    (keep, gain, rest) = (Float(parameters.keep), Float(parameters.gain), Float(parameters.rest))
    threshold = Float(parameters.threshold)
    if case .hard = parameters.reset { isHard = true } else { isHard = false }
    passesReset = !parameters.detachesReset
  }

  func forward(
    _ x: UnsafeMutablePointer<Float>, _ start: UnsafeMutablePointer<Float>,
    _ charged: UnsafeMutablePointer<Float>,
    _ spikes: UnsafeMutablePointer<Float>, _ end: UnsafeMutablePointer<Float>, steps: Int, count: Int,
    _ range: Range<Int>
  ) {
    (end + range.lowerBound).update(from: start + range.lowerBound, count: range.count)
    let offset = rest * (1 - keep)
    for time in 0..<steps {
      let (xs, hs, ss) = (x + time * count, charged + time * count, spikes + time * count)
      if isHard {
        for i in range {
          let h = keep * end[i] + gain * xs[i] + offset
          let fires = h >= threshold
          hs[i] = h
          ss[i] = fires ? 1 : 0
          end[i] = fires ? rest : h
        }
      } else {
        for i in range {
          let h = keep * end[i] + gain * xs[i] + offset
          let s: Float = h >= threshold ? 1 : 0
          hs[i] = h
          ss[i] = s
          end[i] = h - s * threshold
        }
      }
    }
  }

  /// One step back: `carried` is the gradient of the membrane after the step, and becomes that of the one before.
  @inline(__always)
  func sweep<Surrogate: SurrogateKernel>(
    _ surrogate: Surrogate, _ charged: UnsafeMutablePointer<Float>, _ ofSpikes: UnsafeMutablePointer<Float>,
    _ carried: UnsafeMutablePointer<Float>, _ towardsInput: UnsafeMutablePointer<Float>, _ range: Range<Int>
  ) {
    let through: Float = passesReset ? 1 : 0
    if isHard {
      for i in range {
        let h = charged[i]
        let slope = surrogate.derivative(h - threshold)
        let kept: Float = h >= threshold ? 0 : 1
        let gradient = ofSpikes[i] * slope + carried[i] * (kept + through * (rest - h) * slope)
        towardsInput[i] = gain * gradient
        carried[i] = keep * gradient
      }
    } else {
      for i in range {
        let slope = surrogate.derivative(charged[i] - threshold)
        let gradient = ofSpikes[i] * slope + carried[i] * (1 - through * threshold * slope)
        towardsInput[i] = gain * gradient
        carried[i] = keep * gradient
      }
    }
  }
}

/// The way back through all steps.
private struct LIFBackward: SurrogateVisitor {
  let kernel: LIFKernel
  let charged, ofSpikes, ofEnd, towardsInput, towardsStart: Tensor
  let steps: Int

  func visit<Surrogate: SurrogateKernel>(_ surrogate: Surrogate) {
    let count = ofEnd.count
    LIF.blocks(count) { range in
      let carried = LIF.elements(towardsStart)
      (carried + range.lowerBound).update(from: LIF.elements(ofEnd) + range.lowerBound, count: range.count)
      for time in stride(from: steps - 1, through: 0, by: -1) {
        let place = time * count
        kernel.sweep(
          surrogate, LIF.elements(charged) + place, LIF.elements(ofSpikes) + place, carried,
          LIF.elements(towardsInput) + place, range)
      }
    }
  }
}
