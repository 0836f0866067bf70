import Datasets
import Neurons
import StudyCore
import Support
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Claim 6: the kernels compute what the equations say, step by step and in double precision, gradients included.
  struct ParityPart {
    let options: Options
    let lab: Lab

    func run() throws {
      var (worst, compared) = (0.0, 0)
      for version in ExpressiveLeakyMemory.Version.allCases {
        for layers in [0, 1, 2] {
          for activation in IntegrationActivation.allCases {
            var generator = lab.generator("parity \(version) \(layers) \(activation)")
            var c = ExpressiveLeakyMemory.Configuration(inputs: 120, outputs: 2, memoryUnits: 13)
            (c.branches, c.synapsesPerBranch, c.routing) = (9, 30, .windows)
            (c.version, c.hiddenLayers, c.activation) = (version, layers, activation)
            (c.memoryTimeConstants, c.learnsTimeConstants) = (1...150, true)
            let (error, count) = try difference(c, &generator)
            worst = max(worst, error)
            compared += count
          }
        }
      }
      lab.measure("parity.worst", worst)
      lab.add(
        .init(
          "6", "The fused sequence is the published model",
          paper: "the equations of both versions; reference vectors by 'cajal verify'",
          test:
            "random networks of both versions with 0, 1 and 2 hidden layers and both activations, 100 steps of 5 sequences: kernels in single precision against steps in double, outputs and all gradients",
          criterion: "every difference is below 1e-4 of the largest number of its kind",
          measured: "at most \(short(worst)) over \(compared) numbers", holds: worst < 1e-4,
          reason: worst < 1e-4 ? nil : "kernels and equations differ by more than rounding"))
    }

    /// The largest difference of outputs and gradients, relative to the largest number of each tensor.
    private func difference(_ c: ExpressiveLeakyMemory.Configuration, _ generator: inout RandomGenerator)
      throws
      -> (Double, Int)
    {
      let fused = try ExpressiveLeakyMemory(c, using: &generator)
      let noise = Tensor.normal([c.synapses], mean: 0.3, deviation: 0.3, using: &generator)
      withoutGradients { fused.synapticParameters.value.assign(noise) }
      let exact = try ExpressiveLeakyMemory(c, routing: fused.routing, using: &generator)
      exact.move(to: .float64)
      try exact.load(
        fused.state.map { ($0.name, $0.tensor.elementType == .float32 ? $0.tensor.to(.float64) : $0.tensor) })
      var input = FluctuatingRates()
      (input.excitatory, input.inhibitory, input.period) = (60, 60, 20)
      let x = Tensor.concatenated(
        (0..<5).map { _ in input.events(steps: 100, using: &generator).tensor }, axis: 1)
      let outputs = [fused(x), exact.reference(x.to(.float64)).output]
      for output in outputs { output.square().mean().backward() }
      var pairs = [(outputs[0], outputs[1])]
      for (own, other) in zip(fused.parameters, exact.parameters) {
        guard let a = own.parameter.gradient, let b = other.parameter.gradient else { continue }
        pairs.append((a, b))
      }
      let errors = pairs.map { a, b in
        let (x, y) = (a.detached().doubles, b.detached().doubles)
        let scale = max(y.map(abs).max() ?? 1, 1e-30)
        return zip(x, y).map { abs($0 - $1) / scale }.max() ?? .infinity
      }
      return (errors.max() ?? .infinity, pairs.reduce(0) { $0 + $1.0.count })
    }
  }
}
