import Foundation
import Support
import Tensors

/// Synapses with a weight and a delay each, both learned (Hammouamri, Khalfaoui-Hassani and Masquelier, 2023).
///
/// A synapse from input j to output i spreads what it transmits over M steps with its kernel, whose centre is the delay:
///
///     y[t, i] = Σ_j Σ_k W[i, j, k] Σ_d g(d; P[i, j, k]) x[t - d, j],   d = 0..<M
///
/// P is centred: a delay is `M/2 - P` steps (M odd, M/2 rounded down). With whole P, no width and a triangular kernel each
/// synapse has one delay exactly.
///
/// Single precision on the CPU runs over the nonzero elements of the input only, and never builds the dense kernel
/// `[out, in, M]` for the weights' and delays' gradients; anything else, and inputs that are not sparse, by convolution.
public final class DelayedProjection: Layer {
  /// `[out, in, K]`, K taps a synapse.
  public let weight: Parameter
  /// Centred positions `[out, in, K]`, in steps.
  public let position: Parameter
  /// The width that all synapses share; not learned.
  public let spread: Buffer
  /// 1 where there is a synapse, `[out, in, 1]`; nil where all are.
  public let mask: Buffer?
  /// M, odd: delays of 0 to M - 1 steps.
  public let length: Int
  public var kernel: DelayKernel
  /// Whether the output is (M - 1)/2 steps longer than the input, so that late spikes arrive.
  public let extends: Bool

  /// - Parameters:
  ///   - length: M; an even number is made odd by one more.
  ///   - taps: K.
  ///   - width: M / 2 unless given.
  ///   - mask: Which synapses there are, `[out, in]`.
  public init(
    _ inputs: Int, _ outputs: Int, length: Int, taps: Int = 1, width: Double? = nil,
    kernel: DelayKernel = .gaussian, extends: Bool = true, mask: Tensor? = nil,
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    precondition(
      inputs > 0 && outputs > 0 && length > 0 && taps > 0,
      "\(inputs) inputs, \(outputs) outputs, \(length) steps, \(taps) taps")
    self.length = length | 1
    let half = Double(self.length / 2)
    // Kaiming's uniform bound for ReLU, as published.
    let bound = (6 / Double(inputs * taps)).squareRoot()
    weight = Parameter(.uniform([outputs, inputs, taps], in: -bound...bound, type, using: &generator))
    position = Parameter(.uniform([outputs, inputs, taps], in: -half...half, type, using: &generator))
    spread = Buffer(.full([], width ?? max(half, 0.23), .float64))
    self.mask = mask.map { Buffer($0.to(type).reshaped(outputs, inputs, 1)) }
    (self.kernel, self.extends) = (kernel, extends)
  }

  public override var keys: [String: String] { ["position": "P", "spread": "SIG"] }

  public var width: Double {
    get { spread.value.item }
    set { spread.value = .full([], newValue, .float64) }
  }

  /// Steps of the output for an input of `steps`.
  public func outputSteps(_ steps: Int) -> Int { extends ? steps + (length - 1) / 2 : steps }

  /// Weights of the synapses that there are.
  public var effectiveWeight: Tensor { mask.map { weight.value * $0.value } ?? weight.value }

  /// `[T, B, in]` to `[T', B, out]`.
  public override func callAsFunction(_ x: Tensor) -> Tensor {
    precondition(
      x.rank == 3 && x.size(2) == weight.value.size(1),
      "a sequence [T, B, \(weight.value.size(1))] is needed, not \(x.shape)")
    let all = [x, weight.value, position.value]
    guard all.allSatisfy({ $0.elementType == .float32 && $0.device == .cpu }), x.count > 0,
      let events = SpikeEvents(
        x.detached().contiguous(), limit: 1,
        strides: (DelayedProduct.scratchRows(x.size(0), length), 1))
    else { return convolved(x) }
    let product = DelayedProduct(
      events: events, outputs: weight.value.size(0), taps: weight.value.size(2), length: length,
      steps: outputSteps(x.size(0)), kernel: kernel, width: width)
    return product.run(x, effectiveWeight, position.value)
  }

  /// The same as a convolution with the dense kernel.
  public func convolved(_ x: Tensor) -> Tensor {
    let taps = kernel.taps(position.value, length: length, width: width)
    let dense = (effectiveWeight.unsqueezed(-1) * taps).sum(axis: 2)
    let padded = x.permuted(1, 2, 0).padded([length - 1, outputSteps(x.size(0)) - x.size(0)])
    return padded.convolution(dense).permuted(2, 0, 1)
  }
}

extension DelayedProjection {
  /// The delays as whole steps, `[out, in, K]` in `Int64`.
  public var delays: Tensor {
    withoutGradients {
      (Double(length / 2) - position.value.to(.float64).round()).clamped(to: 0...Double(length - 1)).to(
        .int64)
    }
  }

  /// Brings positions back into the kernel; to call after every step of an optimiser.
  public func clampPositions() {
    withoutGradients {
      position.value.clamp(inPlaceAtLeast: -Double(length / 2))
      position.value.clamp(inPlaceAtMost: Double(length / 2))
    }
  }

  /// Rounds the positions for good: half to even, in double precision, then clamped.
  public func roundPositions() {
    withoutGradients {
      position.value.assign(position.value.to(.float64).round().to(position.value.elementType))
    }
    clampPositions()
  }

  /// What `body` computes with every synapse at one whole delay: positions rounded, no width, triangular.
  public func withWholeDelays<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (kept, width, kernel) = (position.value.detached().cloned(), width, kernel)
    defer {
      withoutGradients { position.value.assign(kept) }
      (self.width, self.kernel) = (width, kernel)
    }
    roundPositions()
    (self.width, self.kernel) = (0, .triangular)
    return try body()
  }
}
