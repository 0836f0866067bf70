import Statistics
import Support

extension GainObjective {
  /// The weights `[N · N]` of the least `E[ ‖f - D r‖² + α ‖r‖² ] + γ ‖W - W₀‖²` in a context with fixed gains: what synapses would do
  /// in the place of gains, with N times the parameters.
  ///
  /// - Parameter start: `[N · N]`; the network's own, W₀, if nil.
  /// - Throws: `CajalError` for shapes that do not fit or a start without a steady state.
  public func adaptWeights(
    to probabilities: [Double], gains: [Double], from start: [Double]? = nil,
    minimiser: BoundedMinimiser = BoundedMinimiser(iterations: 300, gradientTolerance: 1e-6)
  ) throws -> (weights: [Double], search: BoundedMinimiser.Result) {
    try check(gains, probabilities)
    let resting = network.weights
    let workspace = makeWorkspace()
    var byGain = gains
    let found = try minimiser.minimise(from: start ?? resting) { weights, gradient in
      workspace.setWeights(weights)
      let present = try GainNetwork(weights: weights, neurons: network.neurons, variant: network.variant)
      guard present.isStable(gains: gains), workspace.settle(gains) else { return .infinity }
      let (error, activity) = workspace.cost(probabilities)
      workspace.gradient(gains, probabilities, activityPrice: activityPrice, into: &byGain)
      workspace.weightGradient(gains, into: &gradient)
      var pull = 0.0
      for k in weights.indices {
        let moved = weights[k] - resting[k]
        pull += moved * moved
        gradient[k] += 2 * homeostasis * moved
      }
      return error + activityPrice * activity + homeostasis * pull
    }
    return (found.point, found)
  }
}
