import Support

/// Parameters that are trained with the same settings.
public struct ParameterGroup {
  public var name: String
  public var parameters: [Parameter]
  public var learningRate: Double
  /// Multiplies the learning rate; schedules set it, for all groups alike.
  public var scale: Double = 1
  public var weightDecay: Double

  public init(_ parameters: [Parameter], name: String = "", learningRate: Double, weightDecay: Double = 0) {
    self.name = name
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// The learning rate in force.
  public var rate: Double { learningRate * scale }
}

/// Changes parameters by their gradients.
///
/// Subclasses implement ``update(_:_:_:in:)`` for one parameter; frozen parameters and those without gradient are
/// skipped. Momenta and the like lie in ``slots``, which a checkpoint keeps.
open class Optimiser {
  public var groups: [ParameterGroup]
  /// How many steps have been made.
  public internal(set) var steps = 0
  /// What the rule remembers: per group, per parameter, by name.
  public internal(set) var slots: [[[String: Tensor]]]

  public init(_ groups: [ParameterGroup]) {
    precondition(groups.allSatisfy { $0.learningRate >= 0 }, "a learning rate is negative")
    self.groups = groups
    slots = groups.map { $0.parameters.map { _ in [:] } }
  }

  /// Applies the gradients.
  open func step() {
    steps += 1
    withoutGradients {
      for (g, group) in groups.enumerated() {
        for (p, parameter) in group.parameters.enumerated() where !parameter.isFrozen {
          guard let gradient = parameter.gradient else { continue }
          update(parameter.value, gradient, &slots[g][p], in: group)
        }
      }
    }
  }

  /// Changes one parameter in place.
  open func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    preconditionFailure("\(type(of: self)) has no update rule")
  }

  /// Forgets the gradients.
  public func zeroGradients() {
    for group in groups { for parameter in group.parameters { parameter.gradient = nil } }
  }

  /// Scales the learning rates of all groups by `factor`, as a schedule says.
  public func setScale(_ factor: Double) {
    for index in groups.indices { groups[index].scale = factor }
  }

  /// The remembered tensors and the step count, under names for a checkpoint.
  public var state: NamedTensors {
    var all: NamedTensors = [("steps", Tensor([steps]))]
    for (g, group) in slots.enumerated() {
      for (p, slot) in group.enumerated() {
        all += slot.sorted { $0.key < $1.key }.map { ("\(g).\(p).\($0.key)", $0.value) }
      }
    }
    return all
  }

  /// Takes the remembered tensors of a checkpoint.
  ///
  /// - Throws: `CajalError` when they belong to other parameters.
  public func load(_ state: NamedTensors) throws {
    var fresh: [[[String: Tensor]]] = groups.map { $0.parameters.map { _ in [:] } }
    for (name, tensor) in state where name != "steps" {
      let parts = name.split(separator: ".", maxSplits: 2).map(String.init)
      guard parts.count == 3, let g = Int(parts[0]), let p = Int(parts[1]), groups.indices.contains(g),
        groups[g].parameters.indices.contains(p)
      else { throw CajalError("optimiser state '\(name)' belongs to no parameter") }
      fresh[g][p][parts[2]] = tensor.cloned()
    }
    slots = fresh
    steps = state.first { $0.name == "steps" }.map { Int($0.tensor.item) } ?? 0
  }

  /// Reads or makes a remembered tensor of the parameter's shape, zero at first.
  final func slot(_ name: String, _ slots: inout [String: Tensor], like value: Tensor) -> Tensor {
    if let known = slots[name] { return known }
    let fresh = Tensor.zeros(like: value)
    slots[name] = fresh
    return fresh
  }
}

extension [(name: String, parameter: Parameter)] {
  /// The parameters as one group.
  public func group(_ name: String = "", learningRate: Double, weightDecay: Double = 0) -> ParameterGroup {
    ParameterGroup(map(\.parameter), name: name, learningRate: learningRate, weightDecay: weightDecay)
  }
}

/// Scales gradients so that their common norm is at most `limit`; returns the norm before.
@discardableResult
public func clipGradients(_ parameters: [Parameter], norm limit: Double) -> Double {
  let gradients = parameters.compactMap(\.gradient)
  let total = gradients.reduce(0) { $0 + $1.square().sum().item }.squareRoot()
  if total > limit { for gradient in gradients { gradient.multiply(inPlace: limit / total) } }
  return total
}

/// Clips every element of the gradients to `-limit...limit`.
public func clipGradients(_ parameters: [Parameter], value limit: Double) {
  for gradient in parameters.compactMap(\.gradient) {
    gradient.clamp(inPlaceAtLeast: -limit)
    gradient.clamp(inPlaceAtMost: limit)
  }
}

/// An exponential average of weights (Polyak), to evaluate with.
public final class WeightAverage {
  public let decay: Double
  private let parameters: [Parameter]
  private var average: [Tensor]

  public init(_ parameters: [Parameter], decay: Double) {
    self.decay = decay
    self.parameters = parameters
    average = parameters.map { $0.value.detached().cloned() }
  }

  public func update() {
    withoutGradients {
      for (kept, parameter) in zip(average, parameters) {
        kept.multiply(inPlace: decay)
        kept.add(inPlace: parameter.value, scale: 1 - decay)
      }
    }
  }

  /// The averaged weights, for a checkpoint.
  public var state: NamedTensors { average.enumerated().map { ("\($0)", $1) } }

  /// Takes the averaged weights of a checkpoint.
  ///
  /// - Throws: `CajalError` when they belong to other parameters.
  public func load(_ state: NamedTensors) throws {
    guard state.count == average.count, zip(state, average).allSatisfy({ $0.tensor.shape == $1.shape }) else {
      throw CajalError("the averaged weights belong to other parameters")
    }
    for (kept, given) in zip(average, state) { kept.assign(given.tensor) }
  }

  /// Runs `body` with the averaged weights in place, then puts the trained ones back.
  public func whileApplied<Result>(_ body: () throws -> Result) rethrows -> Result {
    swap()
    defer { swap() }
    return try body()
  }

  private func swap() {
    withoutGradients {
      for (kept, parameter) in zip(average, parameters) {
        let trained = parameter.value.cloned()
        parameter.value.assign(kept)
        kept.assign(trained)
      }
    }
  }
}
