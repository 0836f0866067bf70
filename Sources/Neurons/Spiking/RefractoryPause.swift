/// The pause of neurons after a spike, counted in steps.
struct RefractoryPause<A: NeuronArithmetic> {
  private let steps: Double
  private let remaining: A
  /// 1 where the neuron is free to fire.
  let active: A

  @inline(__always)
  init(steps: Double, remaining: A) {
    (self.steps, self.remaining) = (steps.rounded(), remaining.detached())
    active = (0.5 - remaining).spikes(.straightThrough).detached()
  }

  /// The charged membrane, or the one before where the neuron pauses.
  @inline(__always)
  func holding(_ charged: A, at membrane: A) -> A { A.select(active - 0.5, charged, otherwise: membrane) }

  /// The steps that remain after those where `spikes` is one have begun their pause.
  @inline(__always)
  func after(_ spikes: A) -> A { (spikes * steps + (remaining - 1).relu() * (1 - spikes)).detached() }
}
