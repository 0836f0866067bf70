/// What loops over ``ConductanceLIF`` are compiled for: a kernel of synapses and a way to integrate.
///
/// A simulation steps exponential synapses without the variables of alpha ones, and without asking each time which they are.
protocol ConductanceForm {
  static var kernel: SynapticKernel { get }
  static var integration: ConductanceLIF.Integration { get }
}

private enum ExponentialSynapses: ConductanceForm {
  static var kernel: SynapticKernel { .exponential }
  static var integration: ConductanceLIF.Integration { .exponentialEuler }
}

private enum ExponentialSynapsesByEuler: ConductanceForm {
  static var kernel: SynapticKernel { .exponential }
  static var integration: ConductanceLIF.Integration { .euler }
}

private enum AlphaSynapses: ConductanceForm {
  static var kernel: SynapticKernel { .alpha }
  static var integration: ConductanceLIF.Integration { .exponentialEuler }
}

private enum AlphaSynapsesByEuler: ConductanceForm {
  static var kernel: SynapticKernel { .alpha }
  static var integration: ConductanceLIF.Integration { .euler }
}

/// The neuron with a current, in one form. The variables that it leaves out are the last of ``ConductanceLIFState``.
private struct FormedConductanceLIF<Form: ConductanceForm>: NeuronModel {
  typealias State = SynapticNeuronState
  static var inputCount: Int { 3 }
  static var variableCount: Int { Form.kernel == .alpha ? 6 : 4 }
  let neuron: ConductanceLIF

  var rest: [Double] { Array(neuron.rest.prefix(Self.variableCount)) }

  @inline(__always)
  func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    neuron.advance(
      inputs, state, current: inputs[2], kernel: Form.kernel, integration: Form.integration)
  }
}

// Each form is named as a type, not through `any NeuronModel`: only so is its loop compiled for it.
extension DrivenConductanceLIF {
  public var singleStep: PopulationStep<Float> {
    switch (neuron.parameters.kernel, neuron.parameters.integration) {
    case (.exponential, .exponentialEuler):
      FormedConductanceLIF<ExponentialSynapses>(neuron: neuron).singleStep
    case (.exponential, .euler): FormedConductanceLIF<ExponentialSynapsesByEuler>(neuron: neuron).singleStep
    case (.alpha, .exponentialEuler): FormedConductanceLIF<AlphaSynapses>(neuron: neuron).singleStep
    case (.alpha, .euler): FormedConductanceLIF<AlphaSynapsesByEuler>(neuron: neuron).singleStep
    }
  }

  public var doubleStep: PopulationStep<Double> {
    switch (neuron.parameters.kernel, neuron.parameters.integration) {
    case (.exponential, .exponentialEuler):
      FormedConductanceLIF<ExponentialSynapses>(neuron: neuron).doubleStep
    case (.exponential, .euler): FormedConductanceLIF<ExponentialSynapsesByEuler>(neuron: neuron).doubleStep
    case (.alpha, .exponentialEuler): FormedConductanceLIF<AlphaSynapses>(neuron: neuron).doubleStep
    case (.alpha, .euler): FormedConductanceLIF<AlphaSynapsesByEuler>(neuron: neuron).doubleStep
    }
  }
}
