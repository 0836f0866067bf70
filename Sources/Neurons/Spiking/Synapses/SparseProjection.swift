import Support
import Tensors

/// Synapses where a ``Connectivity`` has them, one weight each: `[T, B, sources]` to `[T, B, targets]`.
///
/// Work and memory follow the synapses: forward only those of neurons that fire are touched, backward each synapse sees its
/// own two neurons.
public final class SparseProjection: Layer {
  public let connectivity: Connectivity
  /// One for each synapse, in the order of the connectivity.
  public let weight: Parameter

  /// - Parameter bound: Weights start uniform within ± this; 1/√(mean in-degree) unless given.
  public init(_ connectivity: Connectivity, bound: Double? = nil, using generator: inout RandomGenerator) {
    self.connectivity = connectivity
    let degree = Double(connectivity.count) / Double(max(1, connectivity.targets))
    let bound = bound ?? 1 / max(1, degree).squareRoot()
    weight = Parameter(.uniform([connectivity.count], in: -bound...bound, using: &generator))
  }

  /// The weights as a matrix `[targets, sources]`, zero where there is no synapse.
  public var dense: Tensor {
    let c = connectivity
    let places = zip(c.target, c.source).map { Int($0) * c.sources + Int($1) }
    return Tensor.zeros([c.targets * c.sources], weight.value.elementType)
      .scatterAdded(weight.value, at: Tensor(places), axis: 0).reshaped(c.targets, c.sources)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    precondition(
      x.rank == 3 && x.size(2) == connectivity.sources,
      "a sequence [T, B, \(connectivity.sources)] is needed, not \(x.shape)")
    guard x.elementType == .float32, weight.value.elementType == .float32, x.device == .cpu, x.count > 0
    else { return x.linear(dense) }
    let connectivity = connectivity
    let wantsInput = x.requiresGradient
    return customGradient([x, weight.value]) { inputs in
      let pass = SparsePass(connectivity, inputs[0].contiguous(), inputs[1].contiguous())
      return (
        [pass.forward()],
        { gradients in
          guard let gradient = gradients[0]?.contiguous() else { return [nil, nil] }
          let (towardsInput, towardsWeight) = pass.backward(gradient, wantsInput: wantsInput)
          return [towardsInput, towardsWeight]
        }
      )
    }[0]
  }
}

/// The loops over rows `[T·B]`.
private struct SparsePass: Sendable {
  let c: Connectivity
  let x, weight: Tensor
  let rows: Int

  init(_ c: Connectivity, _ x: Tensor, _ weight: Tensor) {
    (self.c, self.x, self.weight) = (c, x, weight)
    rows = x.count / c.sources
  }

  func forward() -> Tensor {
    let output = Tensor.zeros(Array(x.shape.dropLast()) + [c.targets])
    let (from, w, to) = (
      SendableAddress(elements(x)), SendableAddress(elements(weight)), SendableAddress(elements(output))
    )
    withExtendedLifetime((x, weight)) {
      parallelFor(rows) { row in
        let (line, target) = (from.pointer! + row * c.sources, to.pointer! + row * c.targets)
        for source in 0..<c.sources where line[source] != 0 {
          let value = line[source]
          for synapse in c.synapses(of: source) {
            target[Int(c.target[synapse])] += value * w.pointer![synapse]
          }
        }
      }
    }
    return output
  }

  func backward(_ gradient: Tensor, wantsInput: Bool) -> (Tensor?, Tensor) {
    let towardsInput = wantsInput ? Tensor.uninitialized(x.shape) : nil
    let towardsWeight = Tensor.zeros(like: weight)
    let (from, w, g) = (
      SendableAddress(elements(x)), SendableAddress(elements(weight)), SendableAddress(elements(gradient))
    )
    let (toInput, toWeight) = (
      SendableAddress(towardsInput.map(elements)), SendableAddress(elements(towardsWeight))
    )
    withExtendedLifetime((x, weight, gradient)) {
      // A source owns its synapses, so that threads never meet.
      parallelFor(c.sources) { source in
        for row in 0..<rows {
          let (value, line) = (from.pointer![row * c.sources + source], g.pointer! + row * c.targets)
          if value != 0 {
            for synapse in c.synapses(of: source) {
              toWeight.pointer![synapse] += value * line[Int(c.target[synapse])]
            }
          }
          if let target = toInput.pointer {
            var sum: Float = 0
            for synapse in c.synapses(of: source) {
              sum += w.pointer![synapse] * line[Int(c.target[synapse])]
            }
            target[row * c.sources + source] = sum
          }
        }
      }
    }
    return (towardsInput, towardsWeight)
  }
}

/// One synapse for each neuron, from neuron i to neuron i: `[…, N]` to `[…, N]`.
public final class OneToOneProjection: Layer {
  /// `[N]`.
  public let weight: Parameter

  public init(_ neurons: Int, weight: Double = 1) { self.weight = Parameter(.full([neurons], weight)) }

  public override func callAsFunction(_ x: Tensor) -> Tensor { x * weight.value }
}

/// A layer of images at every step: `[T, B, C, H, W]` through a convolution (or any layer over `[B, …]`), time folded into
/// the batch.
public final class EveryStep: Layer {
  public let layer: Layer

  public init(_ layer: Layer) { self.layer = layer }

  public override var keys: [String: String] { ["layer": ""] }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    x.everyStep { layer($0) }
  }
}

extension Tensor {
  /// What `body`, which knows one leading axis, makes of a sequence `[T, B, …]`: time is folded into the batch.
  func everyStep(_ body: (Tensor) -> Tensor) -> Tensor {
    let y = body(flattened(to: 1))
    return y.reshaped([size(0), size(1)] + y.shape.dropFirst())
  }
}
