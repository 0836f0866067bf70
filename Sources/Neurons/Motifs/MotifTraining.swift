import Support
import Tensors

/// A raster and the class of its motif at every step.
public struct LabelledRaster: Sendable {
  public var raster: SpikeRaster
  public var labels: [Int]

  public init(_ raster: SpikeRaster, _ labels: [Int]) {
    self.raster = raster
    self.labels = labels
  }
}

/// Trains a ``DelayKernelLayer`` by Adam, one raster a step.
public struct MotifTraining: Sendable, Equatable {
  public var steps = 1000
  public var learningRate = 5e-3
  /// The rate falls linearly to this share of itself over the last half of the steps.
  public var finalRate = 0.1
  public var loss = MotifLoss.crossEntropy

  public init() {}

  /// Trains and gives the loss of every step.
  ///
  /// - Parameter afterStep: Is called after every step with its number; an error ends the training.
  /// - Throws: `CajalError` for rasters that don't fit the layer, or whose loss is not finite.
  @discardableResult
  public func fit(
    _ layer: DelayKernelLayer, _ rasters: [LabelledRaster], using generator: inout RandomGenerator,
    afterStep: (Int) throws -> Void = { _ in }
  ) throws -> [Double] {
    guard !rasters.isEmpty else { throw CajalError("training needs at least one raster") }
    let optimiser = Adam(layer, learningRate: learningRate)
    var losses: [Double] = []
    var order: [Int] = []
    for step in 0..<steps {
      if order.isEmpty { order = generator.permutation(rasters.count) }
      let sample = rasters[order.removeLast()]
      optimiser.setScale(scale(step))
      optimiser.zeroGradients()
      layer.clampToMask()
      let loss = try layer.loss(sample.raster, sample.labels, self.loss)
      guard loss.item.isFinite else { throw CajalError("the loss was lost at step \(step)") }
      losses.append(loss.item)
      loss.backward()
      optimiser.step()
      try afterStep(step)
    }
    layer.clampToMask()
    return losses
  }

  private func scale(_ step: Int) -> Double {
    let late = max(0, 2 * Double(step) / Double(max(steps, 1)) - 1)
    return 1 - late * (1 - finalRate)
  }
}
