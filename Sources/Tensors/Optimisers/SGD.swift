import Support

/// Stochastic gradient descent with momentum, as PyTorch defines it:
/// `g += decay·w`, `v = momentum·v + g`, `w -= rate·(nesterov ? g + momentum·v : v)`.
public final class SGD: Optimiser {
  public var momentum: Double
  public var nesterov: Bool

  public init(_ groups: [ParameterGroup], momentum: Double = 0, nesterov: Bool = false) {
    precondition(!nesterov || momentum > 0, "Nesterov's method needs a momentum")
    self.momentum = momentum
    self.nesterov = nesterov
    super.init(groups)
  }

  public convenience init(
    _ module: Module, learningRate: Double, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    self.init(
      [module.parameters.group(learningRate: learningRate, weightDecay: weightDecay)], momentum: momentum,
      nesterov: nesterov)
  }

  public override func update(
    _ value: Tensor, _ gradient: Tensor, _ slots: inout [String: Tensor], in group: ParameterGroup
  ) {
    let velocity = momentum == 0 ? nil : slot("velocity", &slots, like: value)
    if FusedUpdate.applies([value, gradient] + (velocity.map { [$0] } ?? [])) {
      return fused(value, gradient, velocity, group)
    }
    var change = group.weightDecay == 0 ? gradient : gradient + value * group.weightDecay
    if let velocity {
      velocity.multiply(inPlace: momentum)
      velocity.add(inPlace: change)
      change = nesterov ? change + velocity * momentum : velocity
    }
    value.add(inPlace: change, scale: -group.rate)
  }

  private func fused(_ value: Tensor, _ gradient: Tensor, _ velocity: Tensor?, _ group: ParameterGroup) {
    let w = FusedUpdate.elements(value)
    let g = FusedUpdate.elements(gradient)
    let v = velocity.map(FusedUpdate.elements)
    let (rate, decay, mu) = (Float(group.rate), Float(group.weightDecay), Float(momentum))
    let ahead = nesterov
    FusedUpdate.run(value.count) { range in
      let (w, g) = (w.pointer!, g.pointer!)
      guard let v = v?.pointer else {
        for i in range { w[i] -= rate * (g[i] + decay * w[i]) }
        return
      }
      if ahead {
        for i in range {
          let change = g[i] + decay * w[i]
          let speed = mu * v[i] + change
          v[i] = speed
          w[i] -= rate * (change + mu * speed)
        }
      } else {
        for i in range {
          let speed = mu * v[i] + (g[i] + decay * w[i])
          v[i] = speed
          w[i] -= rate * speed
        }
      }
    }
  }
}
