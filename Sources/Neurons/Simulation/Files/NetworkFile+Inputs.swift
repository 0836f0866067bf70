import Support

extension NetworkReader {
  mutating func addInput(_ json: LocatedJSON) throws {
    let object = try json.object("an input", keys: ["to", "current", "noise", "poisson", "during"])
    let kinds = ["current", "noise", "poisson"]
    guard object.members.keys.filter(kinds.contains).count == 1 else {
      throw json.error("needs one of \(kinds.joined(separator: ", "))")
    }
    let to = try object.required("to")
    let active = try object["during"]?.stretch()
    for target in try populations(to) {
      let type = try neuronType(of: target, to)
      if let poisson = object["poisson"] {
        try addPoisson(poisson, target, type, active)
        continue
      }
      let input = try input(nil, of: type, default: .current, json)
      if let current = object["current"] {
        let distribution = try current.distribution(in: input.unit)
        try change(json) { network in
          func add<D: PhysicalDimension>(_: D.Type) {
            network.inject(Random<D>(distribution), into: target, during: active)
          }
          add(UnitTable.dimension(of: input.unit))
        }
      } else if let noise = object["noise"] {
        try addNoise(noise, target, input, active)
      }
    }
  }

  private mutating func addNoise(
    _ json: LocatedJSON, _ target: Population, _ input: NeuronType.Input, _ active: Range<Time>?
  ) throws {
    let parts = try json.object("noise", keys: ["deviation", "timeConstant"])
    let deviation = try UnitTable.value(parts.required("deviation"), in: input.unit)
    let timeConstant = try parts["timeConstant"]?.positive(TimeDimension.self, orZero: true) ?? 0.ms
    try change(json) { network in
      func add<D: PhysicalDimension>(_: D.Type) {
        network.addNoise(
          deviation: Quantity<D>(deviation), timeConstant: timeConstant, into: target, during: active)
      }
      add(UnitTable.dimension(of: input.unit))
    }
  }

  private mutating func addPoisson(
    _ json: LocatedJSON, _ target: Population, _ type: NeuronType, _ active: Range<Time>?
  ) throws {
    let parts = try json.object("Poisson input", keys: ["sources", "rate", "weight", "receptor"])
    let input = try input(parts["receptor"], of: type, default: .excitatory, json)
    let sources = try parts["sources"]?.whole(1...Int(Int32.max)) ?? 1
    let rate = try parts.required("rate").positive(FrequencyDimension.self, orZero: true)
    let weight = try UnitTable.value(parts.required("weight"), in: input.unit)
    try change(json) { network in
      func add<D: PhysicalDimension>(_: D.Type) {
        network.addPoissonInput(
          into: target, sources: sources, rate: rate, weight: Quantity<D>(weight), receptor: input.receptor,
          during: active)
      }
      add(UnitTable.dimension(of: input.unit))
    }
  }

  /// What is recorded; the spikes of all neurons where the file does not say.
  mutating func record() throws {
    guard let json = root["record"] else {
      for population in network.allPopulations where network.populations[population.index].neuronType != nil {
        network.recordSpikes(of: population)
      }
      return
    }
    let object = try json.object("what to record", keys: ["spikes", "variables"])
    if let spikes = object["spikes"] {
      let chosen = spikes.string == "all" ? network.allPopulations : try populations(spikes)
      for population in chosen { network.recordSpikes(of: population) }
    }
    for json in try object["variables"]?.list("a list of recordings") ?? [] { try recordVariables(json) }
  }

  private mutating func recordVariables(_ json: LocatedJSON) throws {
    let parts = try json.object("a recording", keys: ["of", "variables", "neurons", "every"])
    let of = try parts.required("of")
    let interval = try parts["every"]?.positive(TimeDimension.self) ?? network.step
    for population in try populations(of) {
      let type = try neuronType(of: population, of)
      let named = try parts.required("variables").list("a list of variables")
      guard !named.isEmpty else { throw parts["variables"]!.error("names no variable") }
      let variables = try named.map { try $0.choice(of: type.variables) }
      let neurons = try parts["neurons"]?.list("a list of neurons").map {
        try $0.whole(0...(population.count - 1))
      }
      try change(json) {
        $0.record(variables, of: population, neurons: neurons, every: interval)
      }
    }
  }
}
