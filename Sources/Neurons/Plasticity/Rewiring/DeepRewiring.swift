import Foundation
import Support
import Tensors

/// Training with a fixed number of synapses, each with a fixed sign, of which some always go and others grow (DEEP R: Bellec,
/// Kappel, Maass and Legenstein, 2018, algorithm 1).
///
/// An active synapse has a strength θ ≥ 0 and the weight ±θ. A step moves θ against the gradient and towards zero, with noise;
/// a strength that falls below zero makes the synapse dormant, and dormant ones, chosen at random, become active with
/// strength zero.
///
/// ```swift
/// var rewiring = DeepRewiring(100, 784, density: 0.1, using: &generator)
/// let weight = rewiring.weight.requiringGradient()
/// rewiring.step(loss(weight).gradients(to: [weight])[0], learningRate: 0.05, using: &generator)
/// ```
public struct DeepRewiring: Sendable {
  /// α, by which strengths are drawn to zero.
  public var shrinkage: Double
  /// T of the noise, `√(2 η T)` times a normal number.
  public var temperature: Double
  public let outputs, inputs: Int
  /// How many synapses are active, at all times.
  public let activeCount: Int
  /// θ, row by row; meaningless where dormant.
  private var strength: [Float]
  private var isActive: [Bool]
  private let sign: [Float]

  /// - Parameters:
  ///   - density: The share of active synapses.
  ///   - scale: Weights start as normal numbers over the root of the inputs, times this.
  public init(
    _ outputs: Int, _ inputs: Int, density: Double, shrinkage: Double = 1e-4, temperature: Double = 0,
    scale: Double = 1, using generator: inout RandomGenerator
  ) {
    precondition((0...1).contains(density), "a density of \(density)")
    precondition(temperature >= 0, "a temperature of \(temperature)")
    let count = outputs * inputs
    (self.outputs, self.inputs) = (outputs, inputs)
    (self.shrinkage, self.temperature) = (shrinkage, temperature)
    activeCount = Int((Double(count) * density).rounded())
    var isActive = [Bool](repeating: false, count: count)
    for place in generator.subset(activeCount, of: count) { isActive[place] = true }
    let normals = (0..<count).map { _ in generator.normal() }
    self.isActive = isActive
    sign = normals.map { $0 < 0 ? -1 : 1 }
    let size = scale / Double(inputs).squareRoot()
    strength = normals.map { Float(abs($0) * size) }
  }

  /// `[out, in]`, zero where dormant.
  public var weight: Tensor {
    Tensor(
      strength.indices.map { isActive[$0] ? sign[$0] * strength[$0] : 0 }, shape: [outputs, inputs])
  }
  /// `[out, in]`: 1 where active. An active synapse may have the weight zero.
  public var mask: Tensor {
    Tensor(isActive.map { $0 ? Float(1) : 0 }, shape: [outputs, inputs])
  }
  /// `[out, in]`: the sign that each synapse has whenever it is active.
  public var signs: Tensor { Tensor(sign, shape: [outputs, inputs]) }

  /// One step.
  /// - Parameter gradient: Of the loss towards ``weight``, `[out, in]`; what it says of dormant synapses does not count.
  /// - Returns: How many synapses went dormant, and as many others grew.
  @discardableResult
  public mutating func step(
    _ gradient: Tensor, learningRate: Double, using generator: inout RandomGenerator
  ) -> Int {
    precondition(
      gradient.shape == [outputs, inputs], "a gradient of \(gradient.shape), not \([outputs, inputs])")
    precondition(learningRate > 0, "a learning rate of \(learningRate)")
    let slopes = gradient.floats
    let noise = (2 * learningRate * temperature).squareRoot()
    var gone = 0
    for place in strength.indices where isActive[place] {
      let descent = learningRate * (Double(sign[place] * slopes[place]) + shrinkage)
      strength[place] += Float((noise > 0 ? noise * generator.normal() : 0) - descent)
      if strength[place] < 0 {
        isActive[place] = false
        gone += 1
      }
    }
    if gone > 0 { grow(gone, using: &generator) }
    return gone
  }

  private mutating func grow(_ count: Int, using generator: inout RandomGenerator) {
    let dormant = isActive.indices.filter { !isActive[$0] }
    for index in generator.subset(count, of: dormant.count) {
      isActive[dormant[index]] = true
      strength[dormant[index]] = 0
    }
  }
}
