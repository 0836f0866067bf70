import Support

/// What reaches a population from outside, without synapses.
struct Stimulus: Sendable {
  enum Kind: Sendable {
    /// One value for all, or one for each.
    case constant(Distribution)
    /// A value for all, by the time in milliseconds.
    case waveform(@Sendable (Double) -> Double)
    /// Zero on average; each step is drawn anew where the time constant is zero (Ornstein–Uhlenbeck otherwise).
    case noise(deviation: Double, timeConstant: Double)
    /// Independent Poisson spikes for each neuron; events a second.
    case poisson(rate: Double, weight: Double)
  }
  let target: Population
  let receptor: Receptor
  let unit: String
  let kind: Kind
  /// Milliseconds.
  let active: Range<Double>
}

extension Network {
  /// A current into every neuron: one value, or one drawn for each.
  ///
  /// - Parameter active: Always if nil.
  public mutating func inject<W: PhysicalDimension>(
    _ current: some QuantitySource<W>, into target: Population, during active: Range<Time>? = nil
  ) { stimulate(target, .current, W.unit, .constant(current.distribution), active) }

  /// A current that changes with time, the same for every neuron: called once a step, with the time at its beginning.
  public mutating func inject<W: PhysicalDimension>(
    into target: Population, during active: Range<Time>? = nil,
    waveform: @escaping @Sendable (Time) -> Quantity<W>
  ) { stimulate(target, .current, W.unit, .waveform { waveform(Time($0)).value }, active) }

  /// Gaussian noise into every neuron, independent of the others.
  ///
  /// - Parameters:
  ///   - deviation: Of the current at one moment.
  ///   - timeConstant: For how long it remembers itself (Ornstein–Uhlenbeck); zero draws every step anew.
  public mutating func addNoise<W: PhysicalDimension>(
    deviation: Quantity<W>, timeConstant: Time = 0.ms, into target: Population,
    during active: Range<Time>? = nil
  ) {
    stimulate(
      target, .current, W.unit,
      .noise(deviation: deviation.value, timeConstant: timeConstant.value), active)
  }

  /// Poisson spikes into every neuron, independent of the others: what `sources` neurons at `rate` bring together. Several
  /// may fall into one step.
  public mutating func addPoissonInput<W: PhysicalDimension>(
    into target: Population, sources: Int = 1, rate: Frequency, weight: Quantity<W>,
    receptor: Receptor = .excitatory, during active: Range<Time>? = nil
  ) {
    stimulate(
      target, receptor, W.unit, .poisson(rate: rate.value * Double(sources), weight: weight.value), active)
  }

  private mutating func stimulate(
    _ target: Population, _ receptor: Receptor, _ unit: String, _ kind: Stimulus.Kind, _ active: Range<Time>?
  ) {
    stimuli.append(
      Stimulus(
        target: target, receptor: receptor, unit: unit, kind: kind,
        active: active.map { $0.lowerBound.value..<$0.upperBound.value } ?? 0..<Double.infinity))
  }
}
