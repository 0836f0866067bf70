/// What a step backward gives: gradients of the inputs, of what was remembered and of the neuron's own parameters.
public struct StepGradients {
  @usableFromInline var inputs, state, parameters: Variables<Lanes>

  @inline(__always)
  public init(_ inputs: Variables<Lanes>, _ state: Variables<Lanes>, _ parameters: Variables<Lanes>) {
    (self.inputs, self.state, self.parameters) = (inputs, state, parameters)
  }
}

/// One step of a model backward: gradients of what goes in from those of what comes out, for sixteen neurons.
///
/// The step is differentiated forward, once for each thing that goes in; what these passes share the compiler
/// computes once. Neurons have few variables, so that this costs no more than a tape would.
struct ReverseStep<Model: NeuronModel> {
  let model: Model
  let inputs, state, parameters: Variables<Lanes>
  let ofOutput: Lanes
  let ofState: Variables<Lanes>

  private enum Kind { case input, variable, parameter }

  @inline(__always)
  private func seeded(_ values: Variables<Lanes>, _ used: Int, _ seed: Int?) -> Variables<Dual> {
    @inline(__always) func dual(_ index: Int, _ value: Lanes) -> Dual {
      Dual(value, seed == index ? Lanes(repeating: 1) : nil)
    }
    let first = dual(0, values.v0)
    return Variables<Dual>(
      first, used > 1 ? dual(1, values.v1) : first, used > 2 ? dual(2, values.v2) : first,
      used > 3 ? dual(3, values.v3) : first, used > 4 ? dual(4, values.v4) : first,
      used > 5 ? dual(5, values.v5) : first, used > 6 ? dual(6, values.v6) : first,
      used > 7 ? dual(7, values.v7) : first)
  }

  /// The gradient of one of the things that go in.
  @inline(__always)
  private func gradient(_ kind: Kind, _ index: Int) -> Lanes {
    let result = model.advance(
      seeded(inputs, Model.inputCount, kind == .input ? index : nil),
      seeded(state, Model.variableCount, kind == .variable ? index : nil),
      seeded(parameters, Model.parameterCount, kind == .parameter ? index : nil))
    var sum = Lanes(repeating: 0)
    if let tangent = result.output.tangent { sum = ofOutput * tangent }
    @inline(__always) func add(_ variable: Int, _ tangent: Lanes?, _ gradient: Lanes) {
      if variable < Model.variableCount, let tangent { sum = sum + gradient * tangent }
    }
    add(0, result.state.v0.tangent, ofState.v0)
    add(1, result.state.v1.tangent, ofState.v1)
    add(2, result.state.v2.tangent, ofState.v2)
    add(3, result.state.v3.tangent, ofState.v3)
    add(4, result.state.v4.tangent, ofState.v4)
    add(5, result.state.v5.tangent, ofState.v5)
    add(6, result.state.v6.tangent, ofState.v6)
    add(7, result.state.v7.tangent, ofState.v7)
    return sum
  }

  @inline(__always)
  private func gradients(_ kind: Kind, _ used: Int) -> Variables<Lanes> {
    let none = Lanes(repeating: 0)
    return Variables<Lanes>(
      used > 0 ? gradient(kind, 0) : none, used > 1 ? gradient(kind, 1) : none,
      used > 2 ? gradient(kind, 2) : none, used > 3 ? gradient(kind, 3) : none,
      used > 4 ? gradient(kind, 4) : none, used > 5 ? gradient(kind, 5) : none,
      used > 6 ? gradient(kind, 6) : none, used > 7 ? gradient(kind, 7) : none)
  }

  var all: StepGradients {
    StepGradients(
      gradients(.input, Model.inputCount), gradients(.variable, Model.variableCount),
      gradients(.parameter, Model.parameterCount))
  }
}
