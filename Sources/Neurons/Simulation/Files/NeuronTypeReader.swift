import Support

/// Neuron types from a file: a model's name, and its parameters with units.
enum NeuronTypeReader {
  private static let models: [(name: String, read: @Sendable (LocatedJSON?) throws -> NeuronType)] = [
    ("current-lif", currentLIF), ("conductance-lif", conductanceLIF), ("izhikevich", izhikevich),
    ("adex", adEx), ("hodgkin-huxley", hodgkinHuxley),
  ]

  static func type(_ population: JSONObject) throws -> NeuronType {
    let name = try population.required("model").choice(of: models.map(\.name))
    return try models.first { $0.name == name }!.read(population["parameters"])
  }

  private static func currentLIF(_ json: LocatedJSON?) throws -> NeuronType {
    let p = try Parameters(
      json, "current-lif",
      [
        "membrane", "excitatory", "inhibitory", "rest", "threshold", "reset", "refractory", "capacitance",
        "integration",
      ])
    let methods: [(String, DualCurrentLIF.Integration)] = [
      ("exact", .exact), ("heldCurrents", .heldCurrents), ("exactAfterwards", .exactAfterwards),
    ]
    return .currentLIF(
      membrane: try p.time("membrane", 20), excitatory: try p.time("excitatory", 5),
      inhibitory: try p.time("inhibitory", 10), rest: try p.voltage("rest", -60),
      threshold: try p.voltage("threshold", -50), reset: try p.voltage("reset", -60),
      refractory: try p.time("refractory", 5, orZero: true),
      capacitance: try p.json["capacitance"]?.positive(CapacitanceDimension.self),
      integration: try p.choice("integration", methods))
  }

  private static func conductanceLIF(_ json: LocatedJSON?) throws -> NeuronType {
    let p = try Parameters(
      json, "conductance-lif",
      [
        "membrane", "leak", "excitatory", "inhibitory", "kernel", "rest", "excitatoryReversal",
        "inhibitoryReversal", "threshold", "reset", "refractory", "integration",
      ])
    let methods: [(String, ConductanceLIF.Integration)] = [
      ("exponentialEuler", .exponentialEuler), ("euler", .euler),
    ]
    return .conductanceLIF(
      membrane: try p.time("membrane", 20), leak: try p.positive("leak", ConductanceDimension.self, 10),
      excitatory: try p.time("excitatory", 5), inhibitory: try p.time("inhibitory", 10),
      kernel: try p.kernel(),
      rest: try p.voltage("rest", -60), excitatoryReversal: try p.voltage("excitatoryReversal", 0),
      inhibitoryReversal: try p.voltage("inhibitoryReversal", -80),
      threshold: try p.voltage("threshold", -50),
      reset: try p.voltage("reset", -60), refractory: try p.time("refractory", 5, orZero: true),
      integration: try p.choice("integration", methods))
  }

  private static func izhikevich(_ json: LocatedJSON?) throws -> NeuronType {
    let p = try Parameters(json, "izhikevich", ["type", "a", "b", "c", "d", "start", "synapses"])
    var constants = try p.choice(
      "type",
      [
        ("regularSpiking", Izhikevich.Parameters.regularSpiking),
        ("intrinsicallyBursting", .intrinsicallyBursting), ("chattering", .chattering),
        ("fastSpiking", .fastSpiking), ("lowThresholdSpiking", .lowThresholdSpiking),
        ("thalamocortical", .thalamocortical),
      ])
    constants.a = try p.number("a", constants.a)
    constants.b = try p.number("b", constants.b)
    constants.c = try p.number("c", constants.c)
    constants.d = try p.number("d", constants.d)
    constants.start = try p.number("start", constants.start)
    return .izhikevich(constants, synapses: try p.synapses(.none))
  }

  private static func adEx(_ json: LocatedJSON?) throws -> NeuronType {
    let p = try Parameters(
      json, "adex",
      [
        "capacitance", "leak", "rest", "threshold", "slope", "subthresholdAdaptation", "spikeAdaptation",
        "adaptationTimeConstant", "reset", "peak", "synapses",
      ])
    var constants = AdEx.Parameters()
    // The model counts in picofarads and picoamperes.
    constants.capacitance =
      try p.positive("capacitance", CapacitanceDimension.self, constants.capacitance / 1e3).value * 1e3
    constants.leak = try p.positive("leak", ConductanceDimension.self, constants.leak).value
    constants.rest = try p.voltage("rest", constants.rest).value
    constants.threshold = try p.voltage("threshold", constants.threshold).value
    constants.slope = try p.positive("slope", VoltageDimension.self, constants.slope).value
    constants.subthresholdAdaptation =
      try p.quantity("subthresholdAdaptation", ConductanceDimension.self, constants.subthresholdAdaptation)
      .value
    constants.spikeAdaptation =
      try p.quantity("spikeAdaptation", CurrentDimension.self, constants.spikeAdaptation / 1e3).value * 1e3
    constants.adaptationTimeConstant =
      try p.time("adaptationTimeConstant", constants.adaptationTimeConstant).value
    constants.resetPotential = try p.voltage("reset", constants.resetPotential).value
    constants.peak = try p.voltage("peak", constants.peak).value
    return .adEx(constants, synapses: try p.synapses(.currents(excitatory: 5.ms, inhibitory: 10.ms)))
  }

  private static func hodgkinHuxley(_ json: LocatedJSON?) throws -> NeuronType {
    let p = try Parameters(
      json, "hodgkin-huxley",
      [
        "capacitance", "sodium", "potassium", "leak", "sodiumReversal", "potassiumReversal", "leakReversal",
        "threshold", "synapses",
      ])
    var constants = HodgkinHuxley.Parameters()
    constants.capacitance = try p.json["capacitance"]?.number("a number above 0", in: 1e-9...1e9) ?? 1
    constants.sodium = try p.number("sodium", constants.sodium)
    constants.potassium = try p.number("potassium", constants.potassium)
    constants.leak = try p.number("leak", constants.leak)
    constants.sodiumReversal = try p.voltage("sodiumReversal", constants.sodiumReversal).value
    constants.potassiumReversal = try p.voltage("potassiumReversal", constants.potassiumReversal).value
    constants.leakReversal = try p.voltage("leakReversal", constants.leakReversal).value
    constants.threshold = try p.voltage("threshold", constants.threshold).value
    return .hodgkinHuxley(
      constants, synapses: try p.synapses(.conductances(excitatory: 5.ms, inhibitory: 10.ms)))
  }
}

/// The parameters of a model; what is not said is as the model has it.
private struct Parameters {
  /// By name; none where the file has none.
  let json: [String: LocatedJSON]

  init(_ json: LocatedJSON?, _ model: String, _ keys: [String]) throws {
    self.json = try json?.object("the parameters of '\(model)'", keys: keys).members ?? [:]
  }

  func quantity<D: PhysicalDimension>(_ key: String, _: D.Type, _ otherwise: Double) throws -> Quantity<D> {
    try json[key]?.quantity(D.self) ?? Quantity(otherwise)
  }
  func positive<D: PhysicalDimension>(_ key: String, _: D.Type, _ otherwise: Double) throws -> Quantity<D> {
    try json[key]?.positive(D.self) ?? Quantity(otherwise)
  }
  func time(_ key: String, _ otherwise: Double, orZero: Bool = false) throws -> Time {
    try json[key]?.positive(TimeDimension.self, orZero: orZero) ?? Time(otherwise)
  }
  func voltage(_ key: String, _ otherwise: Double) throws -> Voltage {
    try quantity(key, VoltageDimension.self, otherwise)
  }
  func number(_ key: String, _ otherwise: Double) throws -> Double { try json[key]?.number() ?? otherwise }

  /// One of several, by name; the first if none is named.
  func choice<Value>(_ key: String, _ values: [(String, Value)]) throws -> Value {
    guard let name = try json[key]?.choice(of: values.map(\.0)) else { return values[0].1 }
    return values.first { $0.0 == name }!.1
  }

  func kernel() throws -> SynapticKernel {
    try choice("kernel", [("exponential", SynapticKernel.exponential), ("alpha", .alpha)])
  }

  /// `"none"`, `{"currents": {…}}` or `{"conductances": {…}}`.
  func synapses(_ otherwise: SynapseType) throws -> SynapseType {
    guard let json = json["synapses"] else { return otherwise }
    if json.string == "none" { return .none }
    guard json.isObject else {
      throw json.expected("\"none\", or an object with 'currents' or 'conductances'")
    }
    let object = try json.object("synapses", keys: ["currents", "conductances"])
    guard object.members.count == 1, let (kind, parts) = object.members.first else {
      throw json.error("needs 'currents' or 'conductances'")
    }
    let times = ["excitatory", "inhibitory", "kernel"]
    if kind == "currents" {
      let p = try Parameters(parts, "currents", times)
      return .currents(
        excitatory: try p.time("excitatory", 5), inhibitory: try p.time("inhibitory", 10),
        kernel: try p.kernel())
    }
    let p = try Parameters(parts, "conductances", times + ["excitatoryReversal", "inhibitoryReversal"])
    return .conductances(
      excitatory: try p.time("excitatory", 5), inhibitory: try p.time("inhibitory", 10),
      kernel: try p.kernel(),
      excitatoryReversal: try p.voltage("excitatoryReversal", 0),
      inhibitoryReversal: try p.voltage("inhibitoryReversal", -80))
  }
}
