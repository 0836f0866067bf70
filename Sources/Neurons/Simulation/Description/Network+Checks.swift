import Support

extension Network {
  /// - Throws: `CajalError` naming the population, projection or stimulus that cannot be, and why.
  func validate() throws {
    guard step.value > 0, step.value.isFinite else { throw CajalError("a network's step of \(step)") }
    guard !populations.isEmpty else { throw CajalError("a network without populations") }
    var names = Set<String>()
    for population in populations {
      try check(population)
      guard names.insert(population.handle.name).inserted else {
        throw CajalError("two populations are called '\(population.handle.name)'")
      }
    }
    for projection in projections { try check(projection) }
    for stimulus in stimuli { try check(stimulus) }
    for recorder in traceRecorders { try check(recorder) }
    try validateAdaptations()
  }

  private func check(_ population: PopulationDescription) throws {
    let what = "population '\(population.handle.name)'"
    let count = population.handle.count
    guard count > 0, count < 1 << 30 else { throw CajalError("\(what) has \(count) neurons") }
    switch population.kind {
    case .neurons(let type, let start):
      for (variable, distribution) in start {
        guard type.variables.contains(variable) else {
          throw CajalError(
            "\(what) starts with '\(variable)', which its neurons (\(type.name)) do not have: \(type.variables.joined(separator: ", "))"
          )
        }
        try distribution.validate("\(what): the start of '\(variable)'", count: count)
      }
    case .poisson(let rate, _):
      try rate.validate("\(what): the rate", count: count)
      let most = 1000 / step.value
      guard (rate.bounds.least ?? -1) >= 0, rate.bounds.largest.map({ $0 <= most }) ?? true else {
        throw CajalError(
          "\(what): rates of \(rate), expected 0 Hz to \(most) Hz, one spike in each step of \(step)")
      }
    case .spikes(let times):
      for (source, times) in times.enumerated() {
        if let wrong = times.first(where: { !$0.isFinite || $0 < 0 }) {
          throw CajalError("\(what): source \(source) fires at \(wrong) ms")
        }
      }
    }
  }

  /// A handle of this network.
  private func check(_ population: Population, _ what: String) throws {
    guard population.index < populations.count, populations[population.index].handle == population else {
      throw CajalError("\(what) names the population '\(population.name)', which is not of this network")
    }
  }

  private func check(_ projection: ProjectionDescription) throws {
    let what = "projection '\(projection.handle.name)'"
    try check(projection.source, what)
    try check(projection.target, what)
    let target = populations[projection.target.index]
    guard let type = target.neuronType else {
      throw CajalError("\(what) ends on '\(target.handle.name)', which are sources of spikes")
    }
    try check(what, type, projection.receptor, projection.weightUnit)
    let (sources, targets) = (projection.source.count, projection.target.count)
    try projection.rule.validate(
      what, sources: sources, targets: targets, isRecurrent: projection.source == projection.target)
    let count = try valuesNeeded(projection, what)
    try projection.weight.validate("\(what): the weight", count: count)
    try projection.delay.validate("\(what): the delay", count: count)
    if projection.receptor != .current, let least = projection.weight.bounds.least, least < 0 {
      throw CajalError(
        "\(what): a weight of \(least) \(projection.weightUnit) on the \(projection.receptor.rawValue) receptor, which takes positive ones"
      )
    }
    let (shortest, longest) = projection.delay.bounds
    if let shortest, shortest < step.value * 0.999 {
      throw CajalError("\(what): a delay of \(shortest) ms is shorter than the step of \(step)")
    }
    if let longest, longest / step.value > 65_000 {
      throw CajalError("\(what): a delay of \(longest) ms is longer than 65,000 steps of \(step)")
    }
    if let delay = projection.delay.constant { try checkGrid(delay, "\(what): the delay") }
    if let plasticity = projection.plasticity, plasticity.delayLocation == .axonal,
      projection.delay.constant == nil
    {
      throw CajalError("\(what): plastic synapses with axonal delays need one delay for all")
    }
  }

  /// How many values a list must have, where one is given.
  private func valuesNeeded(_ projection: ProjectionDescription, _ what: String) throws -> Int? {
    var isListed = false
    if case .values = projection.weight { isListed = true }
    if case .values = projection.delay { isListed = true }
    guard isListed else { return nil }
    switch projection.rule {
    case .all(let toSelf):
      let (s, t) = (projection.source.count, projection.target.count)
      return toSelf || projection.source != projection.target ? s * t : s * (t - 1)
    case .oneToOne: return projection.source.count
    case .synapses(let connectivity): return connectivity.count
    default:
      throw CajalError("\(what): weights or delays are listed one by one, but its synapses are drawn")
    }
  }

  private func check(_ what: String, _ type: NeuronType, _ receptor: Receptor, _ unit: String) throws {
    guard let input = type.input(receptor) else {
      throw CajalError(
        "\(what): neurons of type '\(type.name)' have no \(receptor.rawValue) receptor; they have \(type.inputs.map(\.receptor.rawValue).joined(separator: ", "))"
      )
    }
    let expected = type.inputs[input].unit
    guard unit == expected else {
      throw CajalError(
        "\(what) is given in \(unit); the \(receptor.rawValue) receptor of '\(type.name)' takes \(expected)")
    }
  }

  private func checkGrid(_ time: Double, _ what: String) throws {
    let steps = time / step.value
    guard abs(steps - steps.rounded()) < 1e-6 * max(1, steps) else {
      throw CajalError("\(what) of \(time) ms is not a whole number of steps of \(step)")
    }
  }

  private func check(_ stimulus: Stimulus) throws {
    let what = "the stimulus of '\(stimulus.target.name)'"
    try check(stimulus.target, what)
    guard let type = populations[stimulus.target.index].neuronType else {
      throw CajalError("\(what) goes into sources of spikes")
    }
    try check(what, type, stimulus.receptor, stimulus.unit)
    switch stimulus.kind {
    case .constant(let distribution): try distribution.validate(what, count: stimulus.target.count)
    case .waveform: break
    case .noise(let deviation, let timeConstant):
      guard deviation >= 0, deviation.isFinite, timeConstant >= 0, timeConstant.isFinite else {
        throw CajalError("\(what): noise of deviation \(deviation) and time constant \(timeConstant) ms")
      }
    case .poisson(let rate, let weight):
      guard rate >= 0, rate.isFinite, weight.isFinite, stimulus.receptor == .current || weight >= 0 else {
        throw CajalError("\(what): Poisson spikes at \(rate) Hz with weight \(weight)")
      }
    }
  }

  private func check(_ recorder: TraceRecorder) throws {
    let what = "the recorder of '\(recorder.population.name)'"
    try check(recorder.population, what)
    guard let type = populations[recorder.population.index].neuronType else {
      throw CajalError("\(what): sources of spikes have no variables")
    }
    if let wrong = recorder.variables.first(where: { !type.variables.contains($0) }) {
      throw CajalError(
        "\(what) asks for '\(wrong)'; neurons of type '\(type.name)' have \(type.variables.joined(separator: ", "))"
      )
    }
    if let wrong = recorder.neurons?.first(where: { !(0..<recorder.population.count).contains($0) }) {
      throw CajalError("\(what) asks for neuron \(wrong) of \(recorder.population.count)")
    }
    guard recorder.interval > 0 else { throw CajalError("\(what): an interval of \(recorder.interval) ms") }
    try checkGrid(recorder.interval, "\(what): the interval")
  }
}
