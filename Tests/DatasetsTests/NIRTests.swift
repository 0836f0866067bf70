import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct NIRTests {
  let scratch = Scratch()

  private func ramp(_ shape: Int..., precision: NIRArray.Precision = .single) -> NIRArray {
    let count = shape.reduce(1, *)
    return NIRArray((0..<count).map { Double($0) / 4 - 1 }, shape: shape, precision: precision)
  }

  private func full(_ value: Double, _ shape: Int...) -> NIRArray {
    NIRArray(repeating: Double(Float(value)), shape: shape)
  }

  @Test func everyPrimitiveIsReadAsNirWritesIt() throws {
    let graph = try NIRGraph(contentsOf: fixture("nir/all.nir"))
    func operation(_ name: String) throws -> NIROperation { try #require(graph.nodes[name]).operation }
    #expect(graph.nodes.count == 17 && graph.edges.count == 16)
    #expect(graph.inputs == ["input"] && graph.outputs == ["output"])
    #expect(graph.metadata == ["made": .text("by nir")])
    #expect(try operation("input") == .input(shape: [2, 8, 8]))
    let convolution = NIRConvolution(
      inputShape: [8, 8], weight: ramp(4, 2, 3, 3), bias: ramp(4), stride: [1, 1], padding: .zeros([1, 1]),
      dilation: [1, 1])
    #expect(try operation("conv") == .convolution2D(convolution))
    #expect(
      try operation("if")
        == .integrateAndFire(
          resistance: full(2, 4, 8, 8), threshold: full(1, 4, 8, 8), reset: full(0.5, 4, 8, 8)))
    let pooling = NIRPooling(kernel: [2, 2], stride: [2, 2], padding: [0, 0])
    #expect(try operation("sum") == .sumPool2D(pooling) && operation("average") == .averagePool2D(pooling))
    #expect(try operation("flatten") == .flatten(inputShape: [4, 2, 2], start: 0, end: -1))
    #expect(
      try operation("affine")
        == .affine(weight: ramp(6, 16, precision: .double), bias: ramp(6, precision: .double)))
    #expect(try operation("scale") == .scale(ramp(6)))
    #expect(try operation("delay") == .delay(NIRArray(ramp(6).values.map(abs), shape: [6])))
    let neuron = NIRLeakyNeuron(
      tau: full(0.02, 6), resistance: full(1, 6), leak: full(0, 6), threshold: full(1, 6), reset: full(0, 6))
    #expect(
      try operation("cuba") == .currentLIF(synapticTau: full(0.005, 6), neuron, inputWeight: full(2, 6)))
    #expect(try operation("linear") == .linear(weight: ramp(3, 6)))
    #expect(graph.nodes["linear"]?.metadata["note"] == .text("dense"))
    #expect(
      try operation("li") == .leakyIntegrator(tau: full(0.01, 3), resistance: full(1, 3), leak: full(-1, 3)))
    #expect(try operation("i") == .integrator(resistance: full(3, 3)))
    #expect(
      try operation("cubali")
        == .currentLeakyIntegrator(
          synapticTau: full(0.005, 3), tau: full(0.01, 3), resistance: full(1, 3), leak: full(0, 3),
          inputWeight: full(1, 3)))
    #expect(try operation("threshold") == .threshold(full(0.25, 3)))
    let names = [
      "input", "conv", "if", "sum", "average", "flatten", "affine", "scale", "delay", "cuba", "linear", "li",
      "i",
      "cubali", "threshold", "lif", "output",
    ]
    #expect(graph.executionOrder == names && graph.recurrentEdges.isEmpty)
    guard
      case .convolution1D(let line) = try NIRGraph(contentsOf: fixture("nir/conv1d.nir")).nodes["conv1d"]?
        .operation
    else {
      Issue.record("no convolution")
      return
    }
    #expect(line.padding == .same && line.inputShape == [10] && line.weight == ramp(3, 2, 3))
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    for name in ["all", "conv1d", "nested", "snntorch", "spikingjelly"] {
      let graph = try NIRGraph(contentsOf: fixture("nir/\(name).nir"))
      let url = scratch.url.appendingPathComponent("\(name).nir")
      try graph.write(to: url)
      #expect(try NIRGraph(contentsOf: url) == graph, "\(name)")
    }
    let chain = try NIRGraph(
      chain: [
        .linear(weight: ramp(3, 2)), .integrator(resistance: full(1, 3)), .integrator(resistance: full(1, 3)),
      ],
      inputShape: [2], outputShape: [3])
    #expect(chain.executionOrder == ["input", "linear", "i", "i_1", "output"])
  }

  @Test func graphsWithinGraphsAreOpened() throws {
    let graph = try NIRGraph(contentsOf: fixture("nir/nested.nir"))
    let flat = try graph.flattened()
    #expect(Set(flat.nodes.keys) == ["input", "fc", "rnn.lif", "rnn.w_rec", "output"])
    #expect(
      Set(flat.edges) == [
        NIREdge("input", "fc"), NIREdge("fc", "rnn.lif"), NIREdge("rnn.lif", "output"),
        NIREdge("rnn.lif", "rnn.w_rec"), NIREdge("rnn.w_rec", "rnn.lif"),
      ])
    #expect(flat.recurrentEdges == [NIREdge("rnn.w_rec", "rnn.lif")])
    #expect(flat.executionOrder.prefix(3) == ["input", "fc", "rnn.lif"])
  }

  /// Runs a chain of dense layers and neurons, step by step.
  private func run(_ graph: NIRGraph, _ inputs: [[Double]], dt: Double) throws -> [[Double]] {
    var states: [String: (current: [Double], potential: [Double])] = [:]
    return try inputs.map { input in
      var values = input
      for name in graph.executionOrder {
        switch graph.nodes[name]!.operation {
        case .input, .output: break
        case .affine(let weight, let bias): values = zip(product(weight, values), bias.values).map(+)
        case .linear(let weight): values = product(weight, values)
        case let operation:
          let neuron = try NIRDiscreteNeuron(operation, dt: dt, name: name)
          let zero = [Double](repeating: 0, count: values.count)
          values = step(neuron, values, &states[name, default: (zero, zero)])
        }
      }
      return values
    }
  }

  private func product(_ weight: NIRArray, _ x: [Double]) -> [Double] {
    (0..<weight.shape[0]).map { row in
      x.indices.reduce(0) { $0 + weight.values[row * x.count + $1] * x[$1] }
    }
  }

  private func step(
    _ neuron: NIRDiscreteNeuron, _ x: [Double], _ state: inout (current: [Double], potential: [Double])
  ) -> [Double] {
    x.indices.map { index in
      func value(_ array: NIRArray) -> Double { array.values[array.values.count == 1 ? 0 : index] }
      var current = x[index]
      if let decay = neuron.synapticDecay, let gain = neuron.synapticGain {
        state.current[index] = value(decay) * state.current[index] + value(gain) * current
        current = state.current[index]
      }
      let v =
        value(neuron.decay) * state.potential[index] + value(neuron.gain) * current + value(neuron.offset)
      guard let threshold = neuron.threshold, let reset = neuron.reset else {
        state.potential[index] = v
        return v
      }
      let spikes = v > value(threshold)
      state.potential[index] = spikes ? value(reset) : v
      return spikes ? 1 : 0
    }
  }

  @Test func exportedNetworksSpikeAsInTheirLibraries() throws {
    let outputs = try JSONDecoder().decode(
      [String: [[Double]]].self, from: Data(contentsOf: fixture("nir/outputs.json")))
    let input = try #require(outputs["input"])
    for library in ["snntorch", "spikingjelly"] {
      let graph = try NIRGraph(contentsOf: fixture("nir/\(library).nir"))
      let expected = try #require(outputs[library])
      let measured = try run(graph, input, dt: 1e-4)
      #expect(measured == expected, "\(library)")
      #expect(expected.joined().reduce(0, +) > 10)
    }
  }

  @Test func timeIsTakenInSteps() throws {
    let neuron = NIRLeakyNeuron(
      tau: full(0.01, 1), resistance: full(2, 1), leak: full(0.5, 1), threshold: full(1, 1), reset: full(0, 1)
    )
    let euler = try NIRDiscreteNeuron(.lif(neuron), dt: 0.001)
    #expect(abs(euler.decay.values[0] - 0.9) < 1e-6 && abs(euler.gain.values[0] - 0.2) < 1e-6)
    #expect(abs(euler.offset.values[0] - 0.05) < 1e-6 && euler.synapticDecay == nil)
    let exact = try NIRDiscreteNeuron(.lif(neuron), dt: 0.001, method: .exponential)
    #expect(abs(exact.decay.values[0] - exp(-0.1)) < 1e-6)
    let plain = try NIRDiscreteNeuron(.integrator(resistance: full(3, 2)), dt: 0.5)
    #expect(plain.decay.values == [1, 1] && plain.gain.values == [1.5, 1.5] && plain.threshold == nil)
    #expect(
      message { _ = try NIRDiscreteNeuron(.lif(neuron), dt: 0.1, name: "x") }.contains(
        "x: a time constant of"))
    #expect(
      message { _ = try NIRDiscreteNeuron(.scale(full(1, 1)), dt: 1) }.contains("Scale, which has no state"))
  }

  @Test func unsoundGraphsAndFilesAreNamed() throws {
    let lif = NIRNode(.integrator(resistance: full(1, 3)))
    #expect(
      message { _ = try NIRGraph(nodes: ["a": lif], edges: [NIREdge("a", "b")]) }.contains(
        "'b', which is not there"))
    #expect(
      message { _ = try NIRGraph(nodes: ["a": lif], edges: [NIREdge("a", "a"), NIREdge("a", "a")]) }.contains(
        "twice"))
    #expect(message { _ = try NIRGraph(nodes: ["a/b": lif], edges: []) }.contains("cannot be named 'a/b'"))
    let uneven = NIROperation.leakyIntegrator(tau: full(1, 3), resistance: full(1, 2), leak: full(0, 3))
    #expect(
      message { _ = try NIRGraph(nodes: ["a": NIRNode(uneven)], edges: []) }.contains("both must be the same")
    )
    func file(_ body: (HDF5Group) throws -> Void) throws -> String {
      let url = scratch.url.appendingPathComponent("bad.nir")
      try HDF5File.write(to: url) { root in
        try root.write("NIRGraph", to: "node/type")
        try root.write([String](), shape: [0, 2], to: "node/edges")
        try root.createGroup("node/nodes/a")
        try body(root.group("node/nodes/a"))
      }
      return message { _ = try NIRGraph(contentsOf: url) }
    }
    func type(_ name: String, _ group: HDF5Group) throws { try group.write(name, to: "type") }
    #expect(
      try file {
        try type("I", $0)
        try $0.write([1.5], to: "r")
      } == "nothing was thrown")
    #expect(try file { _ in }.contains("bad.nir, group '/node/nodes/a' holds no dataset 'type'"))
    #expect(try file { try type("Magic", $0) }.contains("type 'Magic', which is no primitive"))
    #expect(try file { try type("I", $0) }.contains("has no field 'r'"))
    #expect(
      try file {
        try type("I", $0)
        try $0.write("x", to: "r")
      }.contains("field 'r': numbers were expected"))
    #expect(
      try file {
        try type("I", $0)
        try $0.write([1.5], to: "r")
        try $0.write([1.5], to: "q")
      }.contains(
        "unknown field 'q'"))
    #expect(message { _ = try NIRGraph(contentsOf: fixture("hdf5/kinds.h5")) }.contains("is no NIR file"))
  }
}
