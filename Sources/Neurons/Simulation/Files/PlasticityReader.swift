import Support

/// Rules of plasticity from a file; amplitudes and bounds are in the unit of the weights.
struct PlasticityReader {
  let unit: String

  private static let common = ["rule", "delayLocation", "bounds", "coincidentSpikes"]
  private static let rules: [(name: String, keys: [String])] = [
    (
      "pair-stdp",
      [
        "potentiation", "depression", "potentiationTimeConstant", "depressionTimeConstant",
        "weightDependence",
        "pairing",
      ]
    ),
    (
      "triplet-stdp",
      [
        "potentiation", "depression", "potentiationTimeConstant", "slowPresynapticTimeConstant",
        "depressionTimeConstant", "slowPostsynapticTimeConstant", "weightDependence", "pairing",
      ]
    ),
    ("inhibitory-stdp", ["learningRate", "targetRate", "timeConstant"]),
    ("presynaptic-trace", ["learningRate", "target", "timeConstant", "exponent", "pairing"]),
  ]

  func plasticity(_ json: LocatedJSON) throws -> Plasticity {
    let name = try kind(json)
    let object = try json.object(
      "plasticity by '\(name)'", keys: Self.common + Self.rules.first { $0.name == name }!.keys)
    let isAxonal = try object["delayLocation"]?.choice(of: ["dendritic", "axonal"]) == "axonal"
    return Plasticity(try rule(name, object), delayLocation: isAxonal ? .axonal : .dendritic)
  }

  private func kind(_ json: LocatedJSON) throws -> String {
    guard let rule = try json.members("an object with a 'rule'").first(where: { $0.key == "rule" }) else {
      throw json.error("lacks 'rule': \(Self.rules.map(\.name).joined(separator: ", "))")
    }
    return try rule.value.choice(of: Self.rules.map(\.name))
  }

  private func rule(_ name: String, _ p: JSONObject) throws -> any PlasticityRule {
    let bounds = try bounds(p.required("bounds"))
    let coincident = try choice(
      p, "coincidentSpikes",
      [("ignored", CoincidentSpikes.ignored), ("depress", .depress), ("potentiate", .potentiate)])
    switch name {
    case "pair-stdp":
      return PairSTDP(
        potentiation: try amplitude(p.required("potentiation")),
        depression: try amplitude(p.required("depression")),
        potentiationTimeConstant: try time(p, "potentiationTimeConstant", 20),
        depressionTimeConstant: try time(p, "depressionTimeConstant", 20),
        weightDependence: try dependence(p),
        bounds: bounds, pairing: try pairing(p), coincidentSpikes: coincident)
    case "triplet-stdp":
      return TripletSTDP(
        potentiation: try amplitudes(p.required("potentiation")),
        depression: try amplitudes(p.required("depression")),
        potentiationTimeConstant: try time(p, "potentiationTimeConstant", 16.8),
        slowPresynapticTimeConstant: try time(p, "slowPresynapticTimeConstant"),
        depressionTimeConstant: try time(p, "depressionTimeConstant", 33.7),
        slowPostsynapticTimeConstant: try time(p, "slowPostsynapticTimeConstant"),
        weightDependence: try dependence(p), bounds: bounds, pairing: try pairing(p),
        coincidentSpikes: coincident)
    case "inhibitory-stdp":
      return InhibitorySTDP(
        learningRate: try amplitude(p.required("learningRate")),
        targetRate: try p["targetRate"]?.positive(FrequencyDimension.self, orZero: true).value ?? 3,
        timeConstant: try time(p, "timeConstant", 20), bounds: bounds, coincidentSpikes: coincident)
    default:
      return PresynapticTraceRule(
        learningRate: try amplitude(p.required("learningRate")), target: try p["target"]?.number() ?? 0,
        timeConstant: try time(p, "timeConstant", 20),
        exponent: try p["exponent"]?.number("a number from 0 to 100", in: 0...100) ?? 0, bounds: bounds,
        pairing: try pairing(p), coincidentSpikes: coincident)
    }
  }

  private func amplitude(_ json: LocatedJSON) throws -> Double { try UnitTable.value(json, in: unit) }

  private func amplitudes(_ json: LocatedJSON) throws -> TripletSTDP.Amplitudes {
    let parts = try json.object("amplitudes of pairs and triplets", keys: ["pair", "triplet"])
    return TripletSTDP.Amplitudes(
      pair: try amplitude(parts.required("pair")), triplet: try amplitude(parts.required("triplet")))
  }

  private func time(_ p: JSONObject, _ key: String, _ otherwise: Double? = nil) throws -> Double {
    guard let json = p[key] else {
      if let otherwise { return otherwise }
      return try p.required(key).positive(TimeDimension.self).value
    }
    return try json.positive(TimeDimension.self).value
  }

  private func bounds(_ json: LocatedJSON) throws -> ClosedRange<Double> {
    let bounds = try json.list("the least and the largest weight").map(amplitude)
    guard bounds.count == 2, bounds[0] < bounds[1] else {
      throw json.error("needs two weights, the least one first")
    }
    return bounds[0]...bounds[1]
  }

  private func dependence(_ p: JSONObject) throws -> WeightDependence {
    guard let json = p["weightDependence"] else { return .additive }
    guard json.isObject else {
      let names: [(String, WeightDependence)] = [
        ("additive", .additive), ("multiplicative", .multiplicative),
        ("multiplicativeDepression", .multiplicativeDepression),
      ]
      let name = try json.choice(of: names.map(\.0))
      return names.first { $0.0 == name }!.1
    }
    return .power(
      try json.object("a weight dependence", keys: ["power"]).required("power")
        .number("an exponent from 0 to 100", in: 0...100))
  }

  private func pairing(_ p: JSONObject) throws -> PlasticityTrace.Pairing {
    try choice(p, "pairing", [("all", .all), ("nearest", .nearest)])
  }

  private func choice<Value>(_ p: JSONObject, _ key: String, _ values: [(String, Value)]) throws -> Value {
    guard let name = try p[key]?.choice(of: values.map(\.0)) else { return values[0].1 }
    return values.first { $0.0 == name }!.1
  }
}
