import Support
import Tensors

/// Neurons that fire at random, with nothing to drive them but a rate.
public enum SpikeSource: Sendable, Equatable {
  /// At most one spike a step, with this probability.
  case bernoulli
  /// A number of spikes a step, Poisson-distributed with this mean.
  case poisson

  /// Spikes `[T, …]` for probabilities or means a step `[…]`.
  ///
  /// Every neuron and step is drawn from the generator in order, so that the same seed gives the same spikes.
  public func spikes(_ rates: Tensor, steps: Int, using generator: inout RandomGenerator) -> Tensor {
    let shape = [steps] + rates.shape
    let drawn = Tensor.uniform(shape, in: 0...1, rates.elementType, using: &generator)
    switch self {
    case .bernoulli: return SpikeEncoder.rates(rates, drawn)
    case .poisson:
      // The inverse of the distribution function: as many spikes as partial sums lie below the number drawn.
      var term = (-rates).exp()
      var below = term
      var spikes = Tensor.zeros(shape, rates.elementType)
      let most = 20 + Int((rates.count > 0 ? rates.max().item : 0) * 4)
      for count in 1...most {
        spikes = spikes + (drawn .> below).to(rates.elementType)
        term = term * rates / Double(count)
        below = below + term
      }
      return spikes
    }
  }
}
