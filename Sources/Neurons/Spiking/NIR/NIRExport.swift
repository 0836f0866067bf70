import Datasets
import Support
import Tensors

/// What can stand in a NIR graph.
public protocol NIRExportable {
  /// The nodes, one after another, for an input of a shape (without batch and time).
  ///
  /// - Parameter dt: Seconds a step.
  /// - Throws: `CajalError` where NIR has no such node.
  func nirOperations(inputShape: [Int], dt: Double) throws -> [NIROperation]
}

extension NIRGraph {
  /// A chain of layers as a graph: `Linear`, ``DenseProjection`` and layers of ``LIF`` and ``LeakyIntegrator``
  /// neurons with a hard reset.
  ///
  /// - Parameters:
  ///   - inputShape: Without batch and time.
  ///   - outputShape: Likewise.
  ///   - dt: Seconds a step.
  /// - Throws: `CajalError` naming a layer that NIR cannot express.
  public init(_ network: Sequential, inputShape: [Int], outputShape: [Int], dt: Double = 1e-4) throws {
    var shape = inputShape
    var chain: [NIROperation] = []
    for (index, layer) in network.layers.enumerated() {
      guard let layer = layer as? any NIRExportable else {
        throw CajalError("layer \(index), a \(type(of: layer)), has no form in NIR")
      }
      let operations = try layer.nirOperations(inputShape: shape, dt: dt)
      for operation in operations {
        if case .affine(let weight, _) = operation { shape = [weight.shape[0]] }
        if case .linear(let weight) = operation { shape = [weight.shape[0]] }
      }
      chain += operations
    }
    try self.init(chain: chain, inputShape: inputShape, outputShape: outputShape)
  }
}

private func dense(_ weight: Tensor, _ bias: Tensor?) -> [NIROperation] {
  let weight = NIRArray(weight.detached())
  return [bias.map { .affine(weight: weight, bias: NIRArray($0.detached())) } ?? .linear(weight: weight)]
}

extension Linear: NIRExportable {
  public func nirOperations(inputShape: [Int], dt: Double) -> [NIROperation] {
    dense(weight.value, bias?.value)
  }
}

extension DenseProjection: NIRExportable {
  public func nirOperations(inputShape: [Int], dt: Double) -> [NIROperation] {
    dense(effectiveWeight, bias?.value)
  }
}

extension NeuronLayer: NIRExportable {
  public func nirOperations(inputShape: [Int], dt: Double) throws -> [NIROperation] {
    func all(_ value: Double) -> NIRArray { NIRArray(repeating: value, shape: inputShape) }
    switch model {
    case let model as LIF:
      let p = model.parameters
      guard case .hard(let rest) = p.reset else {
        throw CajalError("NIR has no soft reset; neurons with a hard reset can be exported")
      }
      if p.timeConstant.isInfinite {
        return [.integrateAndFire(resistance: all(1 / dt), threshold: all(p.threshold), reset: all(rest))]
      }
      return [
        .lif(
          NIRLeakyNeuron(
            tau: all(p.timeConstant * dt), resistance: all(p.decaysInput ? 1 : p.timeConstant),
            leak: all(rest), threshold: all(p.threshold), reset: all(rest)))
      ]
    case let model as LeakyIntegrator:
      let tau = model.timeConstant
      if tau.isInfinite { return [.integrator(resistance: all(model.decaysInput ? 0 : 1 / dt))] }
      return [
        .leakyIntegrator(
          tau: all(tau * dt), resistance: all(model.decaysInput ? 1 : tau), leak: all(0))
      ]
    default: throw CajalError("NIR has no \(Model.self)")
    }
  }
}
