import Foundation
import Support

/// RMSprop (Tieleman and Hinton, 2012) as PyTorch defines it: `v = a·v + (1-a)·g²`, `w -= rate·g/(sqrt(v)+epsilon)`.
public final class RMSprop: Optimiser {
  public let smoothing: Double
  public let momentum: Double
  public let epsilon: Double

  public init(
    _ groups: [ParameterGroup], smoothing: Double = 0.99, momentum: Double = 0, epsilon: Double = 1e-8
  ) {
    self.smoothing = smoothing
    self.momentum = momentum
    self.epsilon = epsilon
    super.init(groups)
  }

  public override func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    let change = group.weightDecay == 0 ? gradient : gradient + value * group.weightDecay
    let square = slot("square", &slots, like: value)
    square.multiply(inPlace: smoothing)
    square.addProduct(inPlace: change, change, scale: 1 - smoothing)
    let scale = square.sqrt() + epsilon
    guard momentum > 0 else { return value.addQuotient(inPlace: change, scale, scale: -group.rate) }
    let velocity = slot("velocity", &slots, like: value)
    velocity.multiply(inPlace: momentum)
    velocity.addQuotient(inPlace: change, scale)
    value.add(inPlace: velocity, scale: -group.rate)
  }
}

/// Adadelta (Zeiler, 2012): steps scaled by the ratio of running root mean squares of steps and gradients.
public final class Adadelta: Optimiser {
  public let smoothing: Double
  public let epsilon: Double

  public init(_ groups: [ParameterGroup], smoothing: Double = 0.9, epsilon: Double = 1e-6) {
    self.smoothing = smoothing
    self.epsilon = epsilon
    super.init(groups)
  }

  public override func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    let change = group.weightDecay == 0 ? gradient : gradient + value * group.weightDecay
    let square = slot("square", &slots, like: value)
    let travelled = slot("travelled", &slots, like: value)
    square.multiply(inPlace: smoothing)
    square.addProduct(inPlace: change, change, scale: 1 - smoothing)
    let step = change * ((travelled + epsilon).sqrt() / (square + epsilon).sqrt())
    travelled.multiply(inPlace: smoothing)
    travelled.addProduct(inPlace: step, step, scale: 1 - smoothing)
    value.add(inPlace: step, scale: -group.rate)
  }
}

/// Adamax (Kingma and Ba, 2015) as PyTorch defines it: `m = b1·m + (1-b1)·g`, `u = max(b2·u, |g| + epsilon)`,
/// `w -= rate/(1-b1^t) · m/u`.
public final class Adamax: Optimiser {
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double

  public init(
    _ groups: [ParameterGroup], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    super.init(groups)
  }

  public convenience init(_ module: Module, learningRate: Double = 2e-3, weightDecay: Double = 0) {
    self.init([module.parameters.group(learningRate: learningRate, weightDecay: weightDecay)])
  }

  public override func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    let change = group.weightDecay == 0 ? gradient : gradient + value * group.weightDecay
    let first = slot("first", &slots, like: value)
    let largest = slot("largest", &slots, like: value)
    first.multiply(inPlace: beta1)
    first.add(inPlace: change, scale: 1 - beta1)
    largest.assign((largest * beta2).maximum(change.abs() + epsilon))
    value.addQuotient(inPlace: first, largest, scale: -group.rate / (1 - pow(beta1, Double(steps))))
  }
}
