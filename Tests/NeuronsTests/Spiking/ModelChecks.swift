import Neurons
import Support
import Tensors
import Testing

/// A model with inputs and parameters that make it fire now and then.
struct ModelCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// What goes in: steps, range of the inputs; range of the parameters.
  let steps: Int
  let drive: ClosedRange<Double>
  let quiet: ClosedRange<Double>
  let own: ClosedRange<Double>
  let inputs, variables, parameters: Int
  let rest: [Double]
  /// Whole sequences, fused and step by step, from given variables; outputs first, then variables.
  let fused, plain: @Sendable ([Tensor], [Tensor], [Tensor]) -> [Tensor]
  var testDescription: String { name }

  init<Model: NeuronModel>(
    _ name: String, _ model: Model, steps: Int = 12, drive: ClosedRange<Double> = -0.5...2.5,
    quiet: ClosedRange<Double> = -0.05...0.05, own: ClosedRange<Double> = 0.3...0.7
  ) {
    (self.name, self.steps, self.drive, self.quiet, self.own) = (name, steps, drive, quiet, own)
    (inputs, variables, parameters) = (Model.inputCount, Model.variableCount, Model.parameterCount)
    rest = model.rest
    fused = {
      let result = model($0, from: Model.State($1), parameters: $2)
      return [result.output] + result.state.variables
    }
    plain = {
      let result = model.unfused($0, from: Model.State($1), parameters: $2)
      return [result.output] + result.state.variables
    }
  }

  static func all(_ surrogate: SurrogateGradient = .arctan()) -> [ModelCase] {
    var alpha = CurrentLIF.Parameters()
    (alpha.kernel, alpha.refractoryPeriod, alpha.reset) = (.alpha, 2, .hard(to: -0.2))
    (alpha.membraneTimeConstant, alpha.detachesReset) = (5, false)
    var equal = CurrentLIF.Parameters()
    (equal.synapticTimeConstant, equal.membraneTimeConstant) = (5, 5)
    var conductance = ConductanceLIF.Parameters()
    conductance.kernel = .alpha
    let cell = Izhikevich.Parameters.chattering
    alpha.surrogate = surrogate
    let plain = LIFParameters(surrogate: surrogate)
    let attached = LIFParameters(
      timeConstant: 3, reset: .hard(to: 0.1), decaysInput: false, detachesReset: false, surrogate: surrogate)
    var adaptive = attached
    adaptive.reset = .soft
    return [
      ModelCase("LIF", LIF(plain)), ModelCase("LIF, attached reset", LIF(attached)),
      ModelCase("PLIF", ParametricLIF()), ModelCase("PLIF, undivided", ParametricLIF(attached)),
      ModelCase(
        "ALIF", AdaptiveLIF(adaptive, adaptationTimeConstant: 5)),
      ModelCase("ALIF, hard", AdaptiveLIF(plain)),
      ModelCase("refractory LIF", RefractoryLIF(attached)),
      ModelCase("leaky integrator", LeakyIntegrator(timeConstant: 4)),
      ModelCase("current, exponential", CurrentLIF(), drive: -1...4),
      ModelCase("current, alpha", CurrentLIF(alpha), drive: -1...4),
      ModelCase("current, equal time constants", CurrentLIF(equal)),
      ModelCase("conductance, exponential", ConductanceLIF(), drive: 0...0.8, quiet: 0...0.01),
      ModelCase("conductance, alpha", ConductanceLIF(conductance), drive: 0...0.6, quiet: 0...0.01),
      ModelCase("spike response", SpikeResponse(), drive: -0.5...1.5),
      ModelCase("resonate-and-fire", ResonateAndFire(), drive: -1...2),
      ModelCase("Izhikevich", Izhikevich(cell), steps: 25, drive: 0...20),
      ModelCase("AdEx", AdEx(), steps: 60, drive: 2_000...20_000, quiet: 0...10),
      ModelCase("Hodgkin-Huxley", HodgkinHuxley(), steps: 60, drive: 100...300, quiet: 0...1),
      ModelCase("exponential LIF", ExponentialLIF(), drive: -3...1, quiet: -1.2...(-1)),
      ModelCase("complementary LIF", ComplementaryLIF(surrogate: surrogate)),
      ModelCase("KLIF", RectifiedLIF(), own: 0.8...1.6),
      ModelCase("GLIF", GatedLIF(surrogate: surrogate)), ModelCase("I-LIF", IntegerLIF(), drive: 0.2...4.1),
      ModelCase("NI-LIF", IntegerLIF(isNormalised: true), drive: 0.2...6.1),
    ]
  }

  /// Inputs, variables near rest and parameters, drawn from a seed.
  func draw(_ range: ClosedRange<Double>, _ shape: [Int], _ type: ElementType, seed: UInt64) -> [[Tensor]] {
    var g = RandomGenerator(seed: seed)
    let x = (0..<inputs).map { _ in Tensor.uniform([steps] + shape, in: range, type, using: &g) }
    let start = rest.map {
      Tensor.full(shape, $0, type) + Tensor.uniform(shape, in: 0...0.05, type, using: &g)
    }
    let own = (0..<parameters).map { _ in Tensor.uniform([shape[1]], in: self.own, type, using: &g) }
    return [x, start, own]
  }
}
