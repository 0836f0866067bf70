import Datasets
import Foundation
import Neurons
import Recordings
import Support
import Tensors
import Testing

/// Graphs of NIR, simulated with delays, fire as ``NIRNetwork`` does without, a step later behind every population.
@Suite struct NIRSimulationTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Golden/files/nir")
  private let steps = 120

  /// Random spikes of so many sources, as trains and as a tensor `[T, 1, N]`.
  private func input(_ sources: Int, _ step: Double, seed: UInt64) throws -> (SpikeTrains, Tensor) {
    var generator = RandomGenerator(seed: seed)
    var trains = [[Double]](repeating: [], count: sources)
    var dense = [Float](repeating: 0, count: steps * sources)
    for t in 0..<steps {
      for source in 0..<sources where generator.uniform() < 0.3 {
        trains[source].append((Double(t) + 0.5) * step)
        dense[t * sources + source] = 1
      }
    }
    return (try SpikeTrains(trains), Tensor(dense, shape: [steps, 1, sources]))
  }

  /// What the last population fires, `[T, N]`, taken back by its lateness.
  private func simulated(
    _ graph: NIRGraph, _ trains: SpikeTrains, step: Time, _ population: String, lateness: Int,
    _ precision: Precision = .single
  ) throws -> [[Double]] {
    var options = NetworkFile.Options()
    (options.step, options.onlySpikes) = (step, trains)
    let file = try NetworkFile(graph, named: "net.nir", options)
    let simulation = try Simulation(file.network, precision: precision)
    try simulation.run(for: Time(Double(steps + lateness) * step.value))
    let handle = try #require(file.network.population(named: population))
    let spikes = try simulation.spikes(of: handle)
    var dense = [[Double]](repeating: [Double](repeating: 0, count: handle.count), count: steps)
    for unit in 0..<spikes.count {
      for time in spikes[unit] {
        let t = Int((time * 1000 / step.value).rounded()) - lateness
        if t >= 0, t < steps { dense[t][unit] = 1 }
      }
    }
    return dense
  }

  private func expected(_ graph: NIRGraph, _ x: Tensor, _ dt: Double) throws -> [[Double]] {
    let output = try NIRNetwork(graph, dt: dt)(x).output
    let count = output.count / steps
    let values = output.doubles
    return (0..<steps).map { Array(values[$0 * count..<($0 + 1) * count]) }
  }

  /// Two layers of every neuron that fires, with biases and synapses, a delay between.
  @Test func layersFireAStepLaterEach() throws {
    func ramp(_ count: Int, _ scale: Double) -> [Double] {
      (0..<count).map { Double(($0 * 7) % 16 - 5) * scale }
    }
    func same(_ value: Double, _ count: Int) -> NIRArray { NIRArray(repeating: value, shape: [count]) }
    let cuba = NIROperation.currentLIF(
      synapticTau: NIRArray([0.002, 0.004, 0.008, 0.004]),
      NIRLeakyNeuron(
        tau: NIRArray([0.004, 0.008, 0.004, 0.016]), resistance: same(1, 4), leak: same(0.125, 4),
        threshold: same(0.5, 4), reset: NIRArray([0, 0.125, 0, -0.25])), inputWeight: same(2, 4))
    let graph = try NIRGraph(
      chain: [
        .affine(weight: NIRArray(ramp(12, 0.25), shape: [4, 3]), bias: NIRArray([0.25, 0, -0.125, 0.5])),
        cuba, .delay(same(0.002, 4)), .scale(NIRArray([1, 2, 1, 0.5])),
        .linear(weight: NIRArray(ramp(8, 0.5), shape: [2, 4])),
        .integrateAndFire(resistance: same(500, 2), threshold: same(1, 2), reset: same(0, 2)),
      ], inputShape: [3], outputShape: [2])
    let (trains, x) = try input(3, 0.001, seed: 3)
    let wanted = try expected(graph, x, 0.001)
    #expect(wanted.joined().contains(1) && wanted.joined().contains(0))
    let name = try #require(graph.nodes.keys.first { graph.nodes[$0]!.operation.typeName == "IF" })
    for precision in Precision.allCases {
      let own = try simulated(graph, trains, step: 1.ms, name, lateness: 2, precision)
      #expect(own == wanted)
    }
  }

  /// A layer that feeds itself takes its step already.
  @Test func recurrentEdgesKeepTheirStep() throws {
    func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0) / 4 - 1 } }
    let neuron = NIRLeakyNeuron(
      tau: NIRArray(repeating: 0.008, shape: [3]), resistance: NIRArray(repeating: 4, shape: [3]),
      leak: NIRArray(repeating: 0, shape: [3]), threshold: NIRArray(repeating: 1, shape: [3]),
      reset: NIRArray(repeating: 0, shape: [3]))
    let graph = try NIRGraph(
      nodes: [
        "input": NIRNode(.input(shape: [6])),
        "w": NIRNode(.linear(weight: NIRArray(ramp(18), shape: [3, 6]))),
        "lif": NIRNode(.lif(neuron)), "r": NIRNode(.linear(weight: NIRArray(ramp(9), shape: [3, 3]))),
        "output": NIRNode(.output(shape: [3])),
      ],
      edges: [
        NIREdge("input", "w"), NIREdge("w", "lif"), NIREdge("lif", "r"), NIREdge("r", "lif"),
        NIREdge("lif", "output"),
      ])
    let (trains, x) = try input(6, 0.001, seed: 5)
    let wanted = try expected(graph, x, 0.001)
    #expect(wanted.joined().contains(1))
    #expect(try simulated(graph, trains, step: 1.ms, "lif", lateness: 1) == wanted)
  }

  /// Convolution and pooling between neurons become synapses; the last neurons do not fire, and are recorded.
  @Test func picturesAndReadouts() throws {
    func same(_ value: Double, _ shape: [Int]) -> NIRArray { NIRArray(repeating: value, shape: shape) }
    let kernel = NIRArray((0..<18).map { Double($0 % 5) / 4 - 0.25 }, shape: [2, 1, 3, 3])
    let graph = try NIRGraph(
      chain: [
        .convolution2D(
          NIRConvolution(
            inputShape: [4, 4], weight: kernel, bias: NIRArray([0.125, 0]), stride: [1, 1],
            padding: .zeros([1, 1]), dilation: [1, 1])),
        .integrateAndFire(
          resistance: same(1000, [2, 4, 4]), threshold: same(1, [2, 4, 4]), reset: same(0, [2, 4, 4])),
        .sumPool2D(NIRPooling(kernel: [2, 2], stride: [2, 2], padding: [0, 0])),
        .flatten(inputShape: [2, 2, 2], start: 0, end: -1),
        .linear(weight: NIRArray((0..<24).map { Double($0 % 7) / 8 - 0.25 }, shape: [3, 8])),
        .leakyIntegrator(tau: same(0.008, [3]), resistance: same(1, [3]), leak: same(0, [3])),
      ], inputShape: [1, 4, 4], outputShape: [3])
    let (trains, flat) = try input(16, 0.001, seed: 9)
    let wanted = try NIRNetwork(graph, dt: 0.001)(flat.reshaped(steps, 1, 1, 4, 4)).output.doubles
    var options = NetworkFile.Options()
    (options.step, options.onlySpikes) = (1.ms, trains)
    let file = try NetworkFile(graph, named: "net.nir", options)
    let simulation = try Simulation(file.network)
    try simulation.run(for: Time(Double(steps + 2)))
    let own = try #require(try simulation.results()?.recordings.first)
    #expect(own.name.hasSuffix(".membrane") && own.activity.shape == [steps + 2, 3])
    let values = Array(own.activity.doubles.dropFirst(2 * 3))
    #expect(zip(values, wanted).allSatisfy { abs($0 - $1) < 1e-4 } && values.count == wanted.count)
  }

  /// What snnTorch and SpikingJelly exported.
  @Test(arguments: ["snntorch", "spikingjelly"]) func foreignNetworksRun(_ library: String) throws {
    let graph = try NIRGraph(contentsOf: Self.folder.appendingPathComponent("\(library).nir"))
    guard case .input(let shape) = graph.nodes[graph.inputs[0]]!.operation else {
      throw CajalError("no input")
    }
    let (trains, x) = try input(shape.reduce(1, *), 1e-4, seed: 2)
    let wanted = try expected(graph, x, 1e-4)
    let neurons = graph.executionOrder.filter {
      ["LIF", "IF", "CubaLIF"].contains(graph.nodes[$0]!.operation.typeName)
    }
    let own = try simulated(graph, trains, step: 0.1.ms, neurons.last!, lateness: neurons.count, .double)
    #expect(wanted.joined().contains { $0 != 0 })
    #expect(own == wanted)
  }

  @Test func whatCannotBeSimulatedIsNamed() throws {
    func same(_ value: Double, _ count: Int) -> NIRArray { NIRArray(repeating: value, shape: [count]) }
    func problem(_ operations: [NIROperation], inputs: Int = 2, _ trains: SpikeTrains?) -> String {
      do {
        let graph = try NIRGraph(chain: operations, inputShape: [inputs], outputShape: [2])
        var options = NetworkFile.Options()
        options.onlySpikes = trains
        _ = try NetworkFile(graph, named: "net.nir", options)
        return "none"
      } catch { return "\(error)" }
    }
    let fires = NIROperation.integrateAndFire(
      resistance: same(1, 2), threshold: same(1, 2), reset: same(0, 2))
    let integrates = NIROperation.integrator(resistance: same(1, 2))
    let two = try SpikeTrains([[0.001], []])
    #expect(problem([fires], two) == "none")
    #expect(problem([fires], nil).contains("the spikes of its input are needed: --data input=FILE"))
    #expect(try problem([fires], SpikeTrains([[0.1]])).contains("1 units are given for the 2 inputs"))
    #expect(problem([integrates, fires], two).contains("does not fire, but feeds"))
    #expect(problem([fires, .threshold(same(1, 2)), fires], two).contains("is a Threshold"))
    // Layers that do not fit, as damaged files have them.
    let wide = NIRArray(repeating: 1, shape: [2, 3])
    for layer in [NIROperation.linear(weight: wide), .affine(weight: wide, bias: same(0, 2))] {
      let told = problem([layer, fires], two)
      #expect(told.contains("net.nir: what comes to '") && told.contains("does not fit"), "\(told)")
    }
    #expect(
      problem([fires, .delay(NIRArray([0.001, 0.002])), fires], two).contains("the delays of 'delay' differ"))
  }
}
