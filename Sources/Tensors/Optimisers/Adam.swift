import Foundation
import Support

/// Adam (Kingma and Ba, 2015), or AdamW with decoupled decay (Loshchilov and Hutter, 2019).
///
/// `m = b1·m + (1-b1)·g`, `v = b2·v + (1-b2)·g²`, `w -= rate · m/(1-b1^t) / (sqrt(v/(1-b2^t)) + epsilon)`.
public final class Adam: Optimiser {
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  /// Whether weight decay shrinks the weights directly (AdamW) or joins the gradient (Adam).
  public let isDecoupled: Bool

  public init(
    _ groups: [ParameterGroup], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    decoupled: Bool = false
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    isDecoupled = decoupled
    super.init(groups)
  }

  public convenience init(
    _ module: Module, learningRate: Double = 1e-3, weightDecay: Double = 0, decoupled: Bool = false
  ) {
    self.init(
      [module.parameters.group(learningRate: learningRate, weightDecay: weightDecay)], decoupled: decoupled)
  }

  /// AdamW with its usual decay.
  public static func decoupled(_ module: Module, learningRate: Double = 1e-3, weightDecay: Double = 0.01)
    -> Adam
  {
    Adam(module, learningRate: learningRate, weightDecay: weightDecay, decoupled: true)
  }

  public override func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    let first = slot("first", &slots, like: value)
    let second = slot("second", &slots, like: value)
    let correction1 = 1 - pow(beta1, Double(steps))
    let correction2 = (1 - pow(beta2, Double(steps))).squareRoot()
    if FusedUpdate.applies([value, gradient, first, second]) {
      return fused(value, gradient, first, second, group, correction1, correction2)
    }
    var change = gradient
    if isDecoupled {
      value.multiply(inPlace: 1 - group.rate * group.weightDecay)
    } else if group.weightDecay != 0 {
      change = gradient + value * group.weightDecay
    }
    first.multiply(inPlace: beta1)
    first.add(inPlace: change, scale: 1 - beta1)
    second.multiply(inPlace: beta2)
    second.addProduct(inPlace: change, change, scale: 1 - beta2)
    value.addQuotient(inPlace: first, second.sqrt() / correction2 + epsilon, scale: -group.rate / correction1)
  }

  private func fused(
    _ value: Tensor, _ gradient: Tensor, _ first: Tensor, _ second: Tensor, _ group: ParameterGroup,
    _ correction1: Double, _ correction2: Double
  ) {
    let (w, g) = (FusedUpdate.elements(value), FusedUpdate.elements(gradient))
    let (m, v) = (FusedUpdate.elements(first), FusedUpdate.elements(second))
    let (b1, b2, tiny) = (Float(beta1), Float(beta2), Float(epsilon))
    let rest = Float(1 - beta2)
    let keep = isDecoupled ? Float(1 - group.rate * group.weightDecay) : 1
    let decay = isDecoupled ? 0 : Float(group.weightDecay)
    let rate = Float(group.rate / correction1)
    let scale = Float(1 / correction2)
    FusedUpdate.run(value.count) { range in
      let (w, g, m, v) = (w.pointer!, g.pointer!, m.pointer!, v.pointer!)
      for i in range {
        let change = g[i] + decay * w[i]
        let mean = b1 * m[i] + (1 - b1) * change
        let square = b2 * v[i] + rest * change * change
        m[i] = mean
        v[i] = square
        w[i] = keep * w[i] - rate * mean / (square.squareRoot() * scale + tiny)
      }
    }
  }
}
