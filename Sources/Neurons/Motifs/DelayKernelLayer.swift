import Foundation
import Support
import Tensors

/// One layer of spiking neurons with many delays a synapse, as a multinomial logistic regression over a window of spikes
/// that is the same at all times and places (Grimaldi and Perrinet, 2023).
///
/// At every step and place each class has the evidence `b + Σ K(channel, delay, dx, dy) · spike(t - delay, x - dx, y - dy)`.
/// With two polarities the evidence can be the larger of that and of the same with polarities exchanged: a complex cell,
/// blind to contrast. Only spikes cost time: each adds slices of the kernel to what follows around it.
///
/// Paths: `weight` `[classes, channels, delays, height, width]`, the last step being delay 0 and offsets as in a
/// cross-correlation (a causal one, zeros around the border); `bias` `[classes]`.
public final class DelayKernelLayer: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let shape: MotifShape
  public let mask: DelayMask
  /// Whether ON and OFF may be exchanged, and the larger evidence counts.
  public let exchangesPolarities: Bool
  private let bounds: [Double]?

  /// - Parameters:
  ///   - exchangesPolarities: Needs two channels; their exchange leaves the evidence as it is.
  ///   - centre: The first weight of ON at delay 0 and the centre, minus that of OFF; 0 for none.
  ///   - type: `.float32` or, for reference, `.float64`.
  public init(
    _ shape: MotifShape, mask: DelayMask = .none, exchangesPolarities: Bool = false, centre: Double = 0,
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    precondition(
      !exchangesPolarities || shape.channels == 2,
      "polarities of \(shape.channels) channels cannot be exchanged")
    precondition(type == .float32 || type == .float64, "a delay kernel of \(type)")
    self.shape = shape
    self.mask = mask
    self.exchangesPolarities = exchangesPolarities
    let bounds = mask.values(shape)
    self.bounds = bounds
    let volume = shape.delays * shape.area
    var weights = (0..<shape.synapseCount).map { index in
      0.01 * generator.normal() * (bounds?[index % volume] ?? 1)
    }
    if centre != 0, shape.channels == 2 {
      let middle = (shape.delays - 1) * shape.area + shape.area / 2
      for c in 0..<shape.classes {
        weights[2 * c * volume + middle] -= centre
        weights[(2 * c + 1) * volume + middle] += centre
      }
    }
    weight = Parameter(Tensor(weights, shape: shape.kernel).to(type))
    bias = Parameter(
      Initialisation.uniformFanIn.tensor(
        [shape.classes], fanIn: shape.synapsesPerClass, fanOut: shape.classes, type, using: &generator))
  }

  /// A layer with these weights and biases.
  private init(of other: DelayKernelLayer, weights: Tensor) {
    (shape, mask, bounds) = (other.shape, other.mask, other.bounds)
    exchangesPolarities = other.exchangesPolarities
    weight = Parameter(weights)
    bias = Parameter(other.bias.value.detached().cloned())
  }

  /// The same layer with its weights changed by `change`, given as `[classes, channels, delays, height, width]`.
  public func copy(_ change: (inout [Double]) -> Void = { _ in }) -> DelayKernelLayer {
    var weights = weight.value.doubles
    change(&weights)
    precondition(weights.count == shape.synapseCount, "\(weights.count) weights for \(shape.kernel)")
    return DelayKernelLayer(
      of: self, weights: Tensor(weights, shape: shape.kernel).to(weight.value.elementType))
  }

  /// Clips the weights to the mask times the largest of all magnitudes; to be done before every forward pass in training.
  public func clampToMask() {
    guard let bounds else { return }
    weight.value.elementType == .float32 ? clamp(bounds, Float.self) : clamp(bounds, Double.self)
  }

  private func clamp<Scalar: KernelScalar & TensorElement>(_ bounds: [Double], _: Scalar.Type) {
    weight.value.withUnsafeMutableElements(of: Scalar.self) { weights in
      let largest = weights.reduce(0) { max($0, abs($1)) }
      let limits = bounds.map { Scalar($0) * largest }
      for start in stride(from: 0, to: weights.count, by: limits.count) {
        for i in limits.indices {
          weights[start + i] = max(-limits[i], min(limits[i], weights[start + i]))
        }
      }
    }
  }

  // Forward passes.

  /// The evidence `[duration, height, width, classes]` of a raster, joined to the graph.
  ///
  /// - Throws: `CajalError` when the raster has another number of channels.
  public func evidence(_ raster: SpikeRaster) throws -> Tensor {
    try check(raster)
    return weight.value.elementType == .float32
      ? evidence(raster, Float.self) : evidence(raster, Double.self)
  }

  /// The mean loss of a raster over all steps and places, joined to the graph: evidence, softmax, loss and gradients in one
  /// sweep over the spikes.
  ///
  /// - Parameter labels: The class at every step.
  /// - Throws: `CajalError` when the raster has another number of channels, or labels are too many, few or large.
  public func loss(_ raster: SpikeRaster, _ labels: [Int], _ kind: MotifLoss = .crossEntropy) throws -> Tensor
  {
    try check(raster)
    guard labels.count == raster.duration else {
      throw CajalError("\(labels.count) labels for a raster of \(raster.duration) steps")
    }
    if let wrong = labels.first(where: { !(0..<shape.classes).contains($0) }) {
      throw CajalError("label \(wrong) should be from 0 to \(shape.classes - 1)")
    }
    return weight.value.elementType == .float32
      ? loss(raster, labels, kind, Float.self) : loss(raster, labels, kind, Double.self)
  }

  func check(_ raster: SpikeRaster) throws {
    guard raster.channels == shape.channels else {
      throw CajalError("a raster of \(raster.channels) channels was given to a layer of \(shape.channels)")
    }
  }

  func pass<Scalar: KernelScalar & TensorElement>(_ inputs: [Tensor], _ raster: SpikeRaster)
    -> MotifPass<Scalar>
  {
    inputs[0].contiguous().withUnsafeElements(of: Scalar.self) { weights in
      inputs[1].contiguous().withUnsafeElements(of: Scalar.self) { biases in
        MotifPass(
          weights: weights, biases: biases, shape, exchanging: exchangesPolarities, raster)
      }
    }
  }

  private func evidence<Scalar: KernelScalar & TensorElement>(_ raster: SpikeRaster, _: Scalar.Type) -> Tensor
  {
    let type = Scalar.elementType
    let kernel = shape.kernel
    return customGradient([weight.value, bias.value]) { inputs in
      let pass: MotifPass<Scalar> = self.pass(inputs, raster)
      let out = Tensor.uninitialized(
        [raster.duration, raster.height, raster.width, pass.shape.classes], type)
      let winners = pass.exchanges ? Tensor.uninitialized(out.shape, .uint8) : nil
      pass.evidence(into: Self.elements(out), shares: winners.map { Self.elements($0) })
      return (
        [out],
        { gradients in
          guard let gradient = gradients[0]?.contiguous() else { return [nil, nil] }
          let lanes = Tensor.uninitialized([raster.duration * pass.places, pass.kernel.lanes], type)
          pass.laneGradient(
            Self.elements(gradient), shares: winners.map { Self.elements($0) }, into: Self.elements(lanes))
          return Self.gradients(pass, lanes, kernel)
        }
      )
    }[0]
  }

  private func loss<Scalar: KernelScalar & TensorElement>(
    _ raster: SpikeRaster, _ labels: [Int], _ kind: MotifLoss, _: Scalar.Type
  ) -> Tensor {
    let kernel = shape.kernel
    return customGradient([weight.value, bias.value]) { inputs in
      let pass: MotifPass<Scalar> = self.pass(inputs, raster)
      let lanes = Tensor.uninitialized(
        [raster.duration * pass.places, pass.kernel.lanes], Scalar.elementType)
      let loss = pass.loss(kind, labels, gradient: Self.elements(lanes))
      return (
        [Tensor(Double(loss), Scalar.elementType)],
        { gradients in
          guard let scale = gradients[0] else { return [nil, nil] }
          return Self.gradients(pass, lanes, kernel).map { $0.map { $0 * scale } }
        }
      )
    }[0]
  }

  private static func gradients<Scalar: KernelScalar & TensorElement>(
    _ pass: MotifPass<Scalar>, _ lanes: Tensor, _ kernel: [Int]
  ) -> [Tensor?] {
    let weights = Tensor.uninitialized(kernel, Scalar.elementType)
    let biases = Tensor.uninitialized([kernel[0]], Scalar.elementType)
    pass.gradients(
      ofLanes: Self.elements(lanes), weights: Self.elements(weights), biases: Self.elements(biases))
    return [weights, biases]
  }

  private static func elements<Element: TensorElement>(_ tensor: Tensor) -> UnsafeMutablePointer<Element> {
    tensor.withUnsafeMutableElements(of: Element.self) { $0.baseAddress! }
  }
}
