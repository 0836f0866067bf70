import Datasets
import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct ExpressiveMemoryTests {
  typealias Configuration = ExpressiveLeakyMemory.Configuration

  private func configuration(
    _ version: ExpressiveLeakyMemory.Version = .first, layers: Int = 1, units: Int = 5
  ) -> Configuration {
    var c = Configuration(inputs: 20, outputs: 3, memoryUnits: units)
    (c.branches, c.synapsesPerBranch, c.routing) = (6, 7, .windows)
    (c.version, c.hiddenLayers) = (version, layers)
    (c.memoryTimeConstants, c.learnsTimeConstants) = (1...40, true)
    return c
  }

  private func neuron(_ c: Configuration, seed: UInt64 = 1) throws -> ExpressiveLeakyMemory {
    var g = RandomGenerator(seed: seed)
    let neuron = try ExpressiveLeakyMemory(c, using: &g)
    withoutGradients {
      neuron.synapticParameters.value.assign(.normal([c.synapses], mean: 0.3, deviation: 0.4, using: &g))
    }
    return neuron
  }

  private func double(_ neuron: ExpressiveLeakyMemory) throws -> ExpressiveLeakyMemory {
    var g = RandomGenerator(seed: 9)
    let copy = try ExpressiveLeakyMemory(neuron.configuration, routing: neuron.routing, using: &g)
    copy.move(to: .float64)
    try copy.load(
      neuron.state.map { ($0.name, $0.tensor.elementType == .float32 ? $0.tensor.to(.float64) : $0.tensor) })
    return copy
  }

  private func input(_ steps: Int, _ batch: Int, seed: UInt64 = 2) -> Tensor {
    var g = RandomGenerator(seed: seed)
    let x = Tensor.normal([steps, batch, 20], using: &g)
    return x * (Tensor.uniform([steps, batch, 20], using: &g) .< 0.2).to(.float32)
  }

  private func worst(_ a: Tensor, _ b: Tensor) -> Double {
    let (x, y) = (a.detached().doubles, b.detached().doubles)
    let scale = max(y.map { abs($0) }.max() ?? 1, 1e-9)
    return zip(x, y).map { abs($0 - $1) / scale }.max() ?? .infinity
  }

  /// Kernels in single precision against steps in double: outputs, end, gradients of everything, also of input and start.
  @Test(arguments: [0, 1, 2, 3], [1, 3, 4, 9])
  func kernelsAreTheEquations(_ kind: Int, _ batch: Int) throws {
    var c = configuration(kind % 2 == 0 ? .first : .second, layers: kind % 3, units: [5, 1, 5, 18][kind])
    c.activation = kind < 2 ? .relu : .silu
    let (fused, exact) = (try neuron(c), try double(try neuron(c)))
    var g = RandomGenerator(seed: 5)
    let start = (
      Tensor.normal([batch, c.branches], using: &g), Tensor.normal([batch, c.memoryUnits], using: &g)
    )
    func run(_ model: ExpressiveLeakyMemory, _ type: ElementType) -> [Tensor] {
      let leaves = [input(11, batch), start.0, start.1].map { $0.to(type).cloned().requiringGradient() }
      let state = ExpressiveLeakyMemory.State(branches: leaves[1], memory: leaves[2])
      let result = model.run(leaves[0], from: state)
      let weight = Tensor.arange(result.output.count, .float32).sin().to(type).reshaped(result.output.shape)
      let sum =
        (result.output * weight).sum() + result.state.memory.sum() + result.state.branches.square().sum()
      sum.backward()
      return [result.output, result.state.branches, result.state.memory] + leaves.map { $0.gradient! }
        + model.parameters.map { $0.parameter.gradient! }
    }
    for (index, (a, b)) in zip(run(fused, .float32), run(exact, .float64)).enumerated() {
      #expect(worst(a, b) < 2e-5, "tensor \(index), layers \(c.hiddenLayers)")
    }
  }

  @Test(arguments: ExpressiveLeakyMemory.Version.allCases)
  func gradientsAreDifferences(_ version: ExpressiveLeakyMemory.Version) throws {
    var c = configuration(version)
    c.activation = .silu
    let exact = try double(try neuron(c))
    let x = input(8, 2).to(.float64)
    func loss() -> Tensor { exact(x).square().mean() }
    loss().backward()
    for (name, parameter) in exact.parameters {
      let gradient = try #require(parameter.gradient).doubles
      let value = parameter.value
      for place in Set([0, value.count / 2, value.count - 1]) {
        let flat = withoutGradients { value.detached().flattened() }
        func shifted(_ step: Double) -> Double {
          flat.withUnsafeMutableElements(of: Double.self) { $0[place] += step }
          defer { flat.withUnsafeMutableElements(of: Double.self) { $0[place] -= step } }
          return withoutGradients { loss().item }
        }
        let difference = (shifted(1e-6) - shifted(-1e-6)) / 2e-6
        let allowed: Double = 1e-7 + 1e-5 * abs(difference)
        #expect(abs(difference - gradient[place]) < allowed, "\(name) \(place)")
      }
    }
  }

  @Test func sequencesCanBeCut() throws {
    let neuron = try neuron(configuration())
    let x = input(30, 3)
    let whole = neuron.run(x)
    let first = neuron.run(x.narrowed(0, from: 0, to: 13))
    let second = neuron.run(x.narrowed(0, from: 13, to: 30).contiguous(), from: first.state)
    let joined = Tensor.concatenated([first.output, second.output])
    #expect(worst(joined, whole.output) < 1e-6)
    #expect(worst(second.state.memory, whole.state.memory) < 1e-6)
  }

  /// One unit with a linear map of zeros and a bias: memory has a closed form.
  @Test(arguments: ExpressiveLeakyMemory.Version.allCases)
  func constantDriveHasAClosedForm(_ version: ExpressiveLeakyMemory.Version) throws {
    var c = Configuration(inputs: 2, outputs: 1, memoryUnits: 1)
    (c.version, c.hiddenLayers, c.memoryTimeConstants) = (version, 0, 10...20)
    let neuron = try neuron(c)
    withoutGradients {
      neuron.integration[0].weight.value.fill(0)
      neuron.integration[0].bias!.value.fill(0.3)
    }
    let memory = neuron.run(Tensor.zeros([25, 1, 2])).memory.doubles
    // A single unit has the shortest time constant.
    let decay: Double = exp(-0.1)
    let gain: Double = version == .first ? 5 * (1 - decay) : 1 - exp(-0.5)
    let write: Double = gain * 1.7159 * tanh(0.2)
    for (t, m) in memory.enumerated() {
      let wanted: Double = write * (1 - pow(decay, Double(t + 1))) / (1 - decay)
      #expect(abs(m - wanted) < 1e-5)
    }
  }

  @Test func eventsAreTheDenseInput() throws {
    let neuron = try neuron(configuration())
    let x = input(12, 4)
    let events = SynapticEvents(x)
    #expect(events.tensor.floats == x.floats)
    #expect(neuron(events).floats == neuron(x).floats)
    let branches = neuron.run(x).branches
    let summed = neuron.synapticTraces(x).reshaped(12, 4, 6, 7).sum(axis: -1)
    #expect(worst(branches, summed) < 1e-5)
  }

  @Test func threadsChangeNothing() throws {
    let before = Threads.count
    defer { Threads.count = before }
    let results = try [1, 3].map { count in
      Threads.count = count
      let neuron = try neuron(configuration())
      return try Torch.onOneThread {
        neuron(input(40, 11)).square().mean().backward()
        return try neuron.parameters.flatMap { try #require($0.parameter.gradient).floats }
      }
    }
    #expect(results[0] == results[1])
  }

  /// The numbers of parameters that the paper gives.
  @Test func parametersAreCounted() throws {
    let expected = [
      1: 4601, 2: 4708, 3: 4823, 5: 5077, 7: 5363, 10: 5852, 15: 6827, 20: 8002, 25: 9377, 30: 10952,
      50: 19252,
      100: 54002,
    ]
    for (units, count) in expected {
      #expect(Configuration.neuronIO(memoryUnits: units).parameterCount == count)
    }
    var g = RandomGenerator(seed: 1)
    let neuron = try ExpressiveLeakyMemory(.neuronIO(memoryUnits: 15), using: &g)
    #expect(neuron.parameterCount == 6827)
    let learning = try self.neuron(configuration())
    #expect(learning.parameterCount == learning.configuration.parameterCount)
    #expect(
      neuron.parameters.map(\.name) == [
        "_proto_w_s", "_proto_tau_m", "mlp.network.0.weight", "mlp.network.0.bias", "mlp.network.2.weight",
        "mlp.network.2.bias", "w_y.weight", "w_y.bias",
      ])
  }

  @Test func timeConstantsSpreadOverTheirRange() throws {
    var c = configuration(units: 7)
    c.memoryTimeConstants = 2...200
    let times = try neuron(c).memoryTimeConstants.detached().doubles
    for (unit, time) in times.enumerated() {
      let wanted: Double = 2 * pow(100, Double(unit) / 6)
      #expect(abs(time - wanted) < 2e-3 * time)
    }
    #expect(times.allSatisfy { $0.isFinite })
  }

  @Test func aRoutingComesWithTheWeights() throws {
    var c = configuration()
    c.routing = .random
    let (a, b) = (try neuron(c, seed: 1), try neuron(c, seed: 2))
    #expect(a.routing != b.routing)
    try b.load(a.state)
    #expect(a.routing == b.routing)
    let x = input(9, 2)
    #expect(a(x).floats == b(x).floats)
  }

  @Test func wrongSettingsAreNamed() throws {
    var g = RandomGenerator(seed: 1)
    func problem(_ change: (inout Configuration) -> Void) -> String {
      var c = configuration()
      change(&c)
      do { _ = try ExpressiveLeakyMemory(c, using: &g) } catch { return "\(error)" }
      return "nothing was thrown"
    }
    #expect(problem { $0.synapsesPerBranch = 3 }.contains("at least 4 synapses"))
    #expect(problem { $0.routing = .none }.contains("20 inputs"))
    #expect(problem { $0.memoryUnits = 0 }.contains("0 memory units"))
    #expect(problem { $0.timeStep = 0 }.contains("time step 0"))
    let neuron = try neuron(configuration())
    var weights = neuron.state
    weights.append(("strange", Tensor.zeros([1])))
    #expect(throws: CajalError.self) { try neuron.load(authors: weights) }
    #expect(throws: CajalError.self) { try neuron.load(authors: [("_proto_w_s", Tensor.zeros([42]))]) }
    var beyond = neuron.state
    let place = try #require(beyond.firstIndex { $0.name == "input_to_synapse_indices" })
    beyond[place].tensor = Tensor.full([42], 20, .int64)
    #expect(throws: CajalError.self) { try neuron.load(authors: beyond) }
    #expect(neuron.routing.indices.allSatisfy { $0 < 20 })
    #expect(throws: CajalError.self) { try neuron.load(json: URL(fileURLWithPath: "/nowhere.json")) }
  }
}
