import Support

/// Where a synapse or a current enters a neuron.
public enum Receptor: String, Sendable, CaseIterable, Codable {
  /// Synapses that depolarise; weights are positive.
  case excitatory
  /// Synapses that hyperpolarise; weights are positive, too.
  case inhibitory
  /// Straight into the membrane: what arrives holds for one step.
  case current
}

/// What the neurons of a population are: a model of the room, its constants with units, and where inputs enter it.
///
/// ```swift
/// let neurons = NeuronType.currentLIF(membrane: 20.ms, threshold: -50.mV, reset: -60.mV, rest: -49.mV)
/// ```
public struct NeuronType: Sendable {
  /// An input of the model.
  public struct Input: Sendable {
    public let receptor: Receptor
    /// Of weights, or of currents.
    public let unit: String
    /// What a weight of one becomes for the model.
    let scale: Double

    public init(_ receptor: Receptor, unit: String = NumberDimension.unit, scale: Double = 1) {
      (self.receptor, self.unit, self.scale) = (receptor, unit, scale)
    }
  }

  public let name: String
  /// In the order of the model's inputs.
  public let inputs: [Input]
  /// What a neuron remembers, in the order of the model's variables; those to record or to start from.
  public let variables: [String]
  /// The model for a step in milliseconds.
  let model: @Sendable (Double) -> any NeuronModel

  /// A model of your own.
  ///
  /// - Parameters:
  ///   - inputs: As many as the model has.
  ///   - variables: Names, as many as the model remembers.
  ///   - model: For a step in milliseconds.
  public init<Model: NeuronModel>(
    _ name: String, inputs: [Input] = [Input(.current)], variables: [String],
    model: @escaping @Sendable (Double) -> Model
  ) {
    precondition(
      inputs.count == Model.inputCount && variables.count == Model.variableCount && inputs.count <= 3
        && Model.parameterCount == 0,
      "\(name): \(Model.self) has \(Model.inputCount) inputs (at most 3 are simulated) and \(Model.variableCount) variables"
    )
    (self.name, self.inputs, self.variables) = (name, inputs, variables)
    self.model = { model($0) }
  }

  func input(_ receptor: Receptor) -> Int? { inputs.firstIndex { $0.receptor == receptor } }
}

/// The synapses before neurons that take one current.
public enum SynapseType: Sendable, Equatable {
  /// What arrives is a current for one step.
  case none
  /// Currents, exponential or alpha.
  case currents(excitatory: Time, inhibitory: Time, kernel: SynapticKernel = .exponential)
  /// Conductances with their reversal potentials.
  case conductances(
    excitatory: Time, inhibitory: Time, kernel: SynapticKernel = .exponential,
    excitatoryReversal: Voltage = 0.mV, inhibitoryReversal: Voltage = -80.mV)

  fileprivate var parameters: SynapticParameters? {
    switch self {
    case .none: return nil
    case .currents(let e, let i, let kernel): return (e, i, kernel, nil)
    case .conductances(let e, let i, let kernel, let ee, let ei):
      return (e, i, kernel, (excitatory: ee.value, inhibitory: ei.value))
    }
  }
}

private typealias SynapticParameters = (
  excitatory: Time, inhibitory: Time, kernel: SynapticKernel,
  reversal: (excitatory: Double, inhibitory: Double)?
)

extension NeuronType {
  /// Leaky integrate-and-fire neurons with two synaptic currents (``DualCurrentLIF``).
  ///
  /// - Parameters:
  ///   - capacitance: With it weights and currents are in nanoamperes; without, in millivolts that they would move the
  ///     membrane by in the end.
  public static func currentLIF(
    membrane: Time = 20.ms, excitatory: Time = 5.ms, inhibitory: Time = 10.ms, rest: Voltage = -60.mV,
    threshold: Voltage = -50.mV, reset: Voltage = -60.mV, refractory: Time = 5.ms,
    capacitance: Capacitance? = nil, integration: DualCurrentLIF.Integration = .exact
  ) -> NeuronType {
    let unit = capacitance == nil ? VoltageDimension.unit : CurrentDimension.unit
    return NeuronType(
      "current-lif",
      inputs: Receptor.allCases.map { Input($0, unit: unit) },
      variables: ["membrane", "excitation", "inhibition", "refractory"]
    ) { step in
      var p = DualCurrentLIF.Parameters()
      p.step = step
      p.membraneTimeConstant = membrane.value
      (p.excitatoryTimeConstant, p.inhibitoryTimeConstant) = (excitatory.value, inhibitory.value)
      p.resistance = capacitance.map { membrane.value / $0.value } ?? 1
      (p.rest, p.threshold, p.resetPotential) = (rest.value, threshold.value, reset.value)
      (p.refractoryPeriod, p.integration) = (refractory.value, integration)
      return DualCurrentLIF(p)
    }
  }

  /// Leaky integrate-and-fire neurons with two conductances (``ConductanceLIF``); weights in nanosiemens, currents in
  /// nanoamperes.
  public static func conductanceLIF(
    membrane: Time = 20.ms, leak: Conductance = 10.nS, excitatory: Time = 5.ms, inhibitory: Time = 10.ms,
    kernel: SynapticKernel = .exponential, rest: Voltage = -60.mV, excitatoryReversal: Voltage = 0.mV,
    inhibitoryReversal: Voltage = -80.mV, threshold: Voltage = -50.mV, reset: Voltage = -60.mV,
    refractory: Time = 5.ms, integration: ConductanceLIF.Integration = .exponentialEuler
  ) -> NeuronType {
    NeuronType(
      "conductance-lif",
      inputs: [
        Input(.excitatory, unit: ConductanceDimension.unit, scale: 1 / leak.value),
        Input(.inhibitory, unit: ConductanceDimension.unit, scale: 1 / leak.value),
        // Nanoamperes over nanosiemens are volts.
        Input(.current, unit: CurrentDimension.unit, scale: 1e3 / leak.value),
      ],
      variables: [
        "membrane", "excitation", "inhibition", "refractory", "excitatoryRise", "inhibitoryRise",
      ]
    ) { step in
      var p = ConductanceLIF.Parameters()
      p.step = step
      p.membraneTimeConstant = membrane.value
      (p.excitatoryTimeConstant, p.inhibitoryTimeConstant) = (excitatory.value, inhibitory.value)
      (p.kernel, p.rest, p.threshold, p.resetPotential) = (kernel, rest.value, threshold.value, reset.value)
      p.excitatoryReversal = excitatoryReversal.value
      p.inhibitoryReversal = inhibitoryReversal.value
      (p.refractoryPeriod, p.integration) = (refractory.value, integration)
      return DrivenConductanceLIF(p)
    }
  }

  /// Izhikevich's neurons; currents and conductances in the units of his equations.
  public static func izhikevich(
    _ parameters: Izhikevich.Parameters = .regularSpiking, synapses: SynapseType = .none
  ) -> NeuronType {
    around(
      "izhikevich", synapses, variables: ["membrane", "recovery"], current: (NumberDimension.unit, 1),
      conductance: (NumberDimension.unit, 1)
    ) { step in
      var p = parameters
      p.step = step
      return Izhikevich(p)
    }
  }

  /// Adaptive exponential neurons; currents in nanoamperes, conductances in nanosiemens.
  public static func adEx(
    _ parameters: AdEx.Parameters = .init(),
    synapses: SynapseType = .currents(excitatory: 5.ms, inhibitory: 10.ms)
  ) -> NeuronType {
    around(
      "adex", synapses, variables: ["membrane", "adaptation"], current: (CurrentDimension.unit, 1e3),
      conductance: (ConductanceDimension.unit, 1)
    ) { step in
      var p = parameters
      p.step = step
      return AdEx(p)
    }
  }

  /// Hodgkin and Huxley's neurons; currents in µA/cm², conductances in mS/cm².
  public static func hodgkinHuxley(
    _ parameters: HodgkinHuxley.Parameters = .init(),
    synapses: SynapseType = .conductances(excitatory: 5.ms, inhibitory: 10.ms)
  ) -> NeuronType {
    around(
      "hodgkin-huxley", synapses, variables: ["membrane", "m", "h", "n"], current: (NumberDimension.unit, 1),
      conductance: (NumberDimension.unit, 1)
    ) { step in
      var p = parameters
      p.step = step
      return HodgkinHuxley(p)
    }
  }

  /// A model with one input, and synapses before it if there are any.
  private static func around<Core: NeuronModel>(
    _ name: String, _ synapses: SynapseType, variables: [String], current: (unit: String, scale: Double),
    conductance: (unit: String, scale: Double), core: @escaping @Sendable (Double) -> Core
  ) -> NeuronType {
    guard let p = synapses.parameters else {
      return NeuronType(
        name, inputs: [Input(.current, unit: current.unit, scale: current.scale)], variables: variables,
        model: core)
    }
    let weights = p.reversal == nil ? current : conductance
    let reversal = p.reversal.map {
      SynapticNeuron<Core>.Synapses.Reversal(excitatory: $0.excitatory, inhibitory: $0.inhibitory)
    }
    return NeuronType(
      name,
      inputs: [
        Input(.excitatory, unit: weights.unit, scale: weights.scale),
        Input(.inhibitory, unit: weights.unit, scale: weights.scale),
        Input(.current, unit: current.unit, scale: current.scale),
      ], variables: variables + ["excitation", "inhibition", "excitatoryRise", "inhibitoryRise"]
    ) { step in
      var s = SynapticNeuron<Core>.Synapses()
      (s.excitatoryTimeConstant, s.inhibitoryTimeConstant) = (p.excitatory.value, p.inhibitory.value)
      (s.kernel, s.reversal) = (p.kernel, reversal)
      return SynapticNeuron(core(step), s, step: step)
    }
  }
}
