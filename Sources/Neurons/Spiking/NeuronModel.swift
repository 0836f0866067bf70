import Tensors

/// What a population remembers from one step to the next: given in and returned, never hidden.
public protocol NeuronState: DetachableState {
  /// In the order in which the model's equations name them.
  init(_ variables: [Tensor])
  var variables: [Tensor] { get }
}

extension NeuronState {
  /// The same state, through which no gradient flows: the end of one window of truncated backpropagation.
  public func detached() -> Self { Self(variables.map { $0.detached() }) }
}

/// A neuron model: equations of one time step, written once.
///
/// Everything else follows from ``advance(_:_:_:)``: steps through autograd on tensors of any element type and device,
/// and whole sequences `[T, B, N]` through a fused kernel with backpropagation through time.
///
/// ```swift
/// let neurons = LIF()
/// let (spikes, state) = neurons(input)            // [T, B, N], from rest
/// let (more, _) = neurons(nextInput, from: state) // goes on where it stopped
/// ```
public protocol NeuronModel: Sendable {
  associatedtype State: NeuronState
  /// How many inputs a neuron has: one current, or excitation and inhibition.
  static var inputCount: Int { get }
  /// How many variables it remembers; the first is the membrane.
  static var variableCount: Int { get }
  /// How many parameters every neuron has of its own, given as tensors `[N]`; those may be learned.
  static var parameterCount: Int { get }
  /// The variables of a neuron at rest.
  var rest: [Double] { get }
  /// One time step: inputs, what was remembered and the neuron's own parameters to the output (spikes, or the
  /// membrane of models that do not spike) and what is remembered next.
  func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, _ parameters: Variables<A>
  ) -> (output: A, state: Variables<A>)
  /// One step backward for sixteen neurons: what goes in as for ``advance(_:_:_:)``, and the gradients of what came
  /// out. Derived from the equations unless a model has a quicker way.
  func reverse(
    _ inputs: Variables<Lanes>, _ state: Variables<Lanes>, _ parameters: Variables<Lanes>, ofOutput: Lanes,
    ofState: Variables<Lanes>
  ) -> StepGradients
  /// A whole sequence through the fused kernel; never written by a model. It is a requirement so that the kernel is
  /// compiled for each model where the model is.
  func fused(_ inputs: [Tensor], _ start: [Tensor], _ parameters: [Tensor]) -> (output: Tensor, end: [Tensor])
  /// One step of a simulated population in single and in double precision; never written by a model, requirements for the
  /// same reason.
  var singleStep: PopulationStep<Float> { get }
  var doubleStep: PopulationStep<Double> { get }
}

extension NeuronModel {
  public func reverse(
    _ inputs: Variables<Lanes>, _ state: Variables<Lanes>, _ parameters: Variables<Lanes>, ofOutput: Lanes,
    ofState: Variables<Lanes>
  ) -> StepGradients {
    ReverseStep(
      model: self, inputs: inputs, state: state, parameters: parameters, ofOutput: ofOutput, ofState: ofState
    ).all
  }

  public func fused(_ inputs: [Tensor], _ start: [Tensor], _ parameters: [Tensor]) -> (
    output: Tensor, end: [Tensor]
  ) { FusedSequence(self).run(inputs, start, parameters) }

  public static var inputCount: Int { 1 }
  public static var parameterCount: Int { 0 }

  /// The population at rest, for inputs of one step `[B, N]`.
  public func rest(like input: Tensor) -> State {
    State(rest.map { Tensor.full(input.shape, $0, input.elementType, on: input.device) })
  }

  /// One step through autograd: inputs `[B, N]` to outputs `[B, N]`.
  public func step(_ inputs: [Tensor], _ state: State, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) {
    let result = advance(
      Variables(inputs, filler: inputs[0]), Variables(state.variables, filler: inputs[0]),
      Variables(parameters, filler: inputs[0]))
    return (result.output, State(result.state.array(Self.variableCount)))
  }

  /// One step through autograd of a model with one input: `[B, N]` to `[B, N]`.
  public func step(_ input: Tensor, _ state: State, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) { step([input], state, parameters: parameters) }

  /// A whole sequence, input `[T, B, N]` to outputs `[T, B, N]`, from a state or from rest.
  public func callAsFunction(_ input: Tensor, from state: State? = nil, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) { self([input], from: state, parameters: parameters) }

  /// A whole sequence of a model with several inputs, each `[T, B, N]`.
  ///
  /// Single precision on the CPU runs through one fused kernel; anything else step by step.
  public func callAsFunction(_ inputs: [Tensor], from state: State? = nil, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) {
    let start = state ?? rest(like: inputs[0][0])
    check(inputs, start, parameters)
    let everything = inputs + start.variables + parameters
    guard everything.allSatisfy({ $0.elementType == .float32 && $0.device == .cpu }), inputs[0].count > 0
    else { return unfused(inputs, from: start, parameters: parameters) }
    let (output, end) = fused(inputs, start.variables, parameters)
    return (output, State(end))
  }

  /// The same, step by step through autograd: for checks and for other element types and devices.
  public func unfused(_ inputs: [Tensor], from state: State? = nil, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) {
    var state = state ?? rest(like: inputs[0][0])
    var outputs: [Tensor] = []
    for time in 0..<inputs[0].size(0) {
      let (output, next) = step(inputs.map { $0[time] }, state, parameters: parameters)
      outputs.append(output)
      state = next
    }
    return (outputs.isEmpty ? inputs[0] : Tensor.stacked(outputs), state)
  }

  /// The same for a model with one input.
  public func unfused(_ input: Tensor, from state: State? = nil, parameters: [Tensor] = []) -> (
    output: Tensor, state: State
  ) { unfused([input], from: state, parameters: parameters) }

  private func check(_ inputs: [Tensor], _ start: State, _ parameters: [Tensor]) {
    let shape = inputs[0].shape
    precondition(
      inputs.count == Self.inputCount && shape.count == 3 && inputs.allSatisfy { $0.shape == shape },
      "\(Self.self) takes \(Self.inputCount) inputs [T, B, N], not \(inputs.map(\.shape))")
    precondition(
      start.variables.count == Self.variableCount
        && start.variables.allSatisfy { $0.shape == Array(shape.dropFirst()) },
      "a state of \(start.variables.map(\.shape)) for an input of \(shape)")
    precondition(
      parameters.count == Self.parameterCount && parameters.allSatisfy { $0.shape == [shape[2]] },
      "\(Self.self) has \(Self.parameterCount) parameters [N] of its own, not \(parameters.map(\.shape)), for an input of \(shape)"
    )
  }
}
