import Datasets
import Foundation
import Neurons
import Support
import Tensors
import Testing

/// Networks that other libraries exported run here as they did there.
@Suite struct NIRNetworkTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Golden/files/nir")

  private func graph(_ name: String) throws -> NIRGraph {
    try NIRGraph(contentsOf: Self.folder.appendingPathComponent(name))
  }

  private func outputs() throws -> [String: [[Double]]] {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("outputs.json"))
    return try JSONDecoder().decode([String: [[Double]]].self, from: data)
  }

  @Test(arguments: ["snntorch", "spikingjelly"]) func foreignNetworksGiveTheirOutputs(_ library: String)
    throws
  {
    let table = try outputs()
    let rows = table["input"]!
    let x = Tensor(rows.flatMap { $0 }.map(Float.init), shape: [rows.count, 1, rows[0].count])
    let network = try NIRNetwork(graph("\(library).nir"))
    #expect(!network.isRecurrent)
    let (output, _) = network(x)
    let expected = table[library]!.flatMap { $0 }
    #expect(expected.contains(1), "the network should fire")
    #expect(
      zip(output.doubles, expected).allSatisfy { abs($0 - $1) < 1e-5 } && output.count == expected.count)
    // In two parts, the state handed over.
    let (first, state) = network(x[..<17])
    let (second, _) = network(x[17...], from: state)
    #expect(Tensor.concatenated([first, second]).doubles == output.doubles)
  }

  /// A recurrent graph, unrolled by hand.
  @Test func edgesThatLeadBackCarryTheStepBefore() throws {
    let network = try NIRNetwork(graph("nested.nir"), dt: 1e-3)
    #expect(network.isRecurrent)
    let x = Tensor((0..<60).map { Float($0 % 7) / 2 }, shape: [10, 1, 6])
    let (output, _) = network(x)
    func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0) / 4 - 1 } }
    let (w, r) = (ramp(18), ramp(9))
    var (v, last) = ([0.0, 0, 0], [0.0, 0, 0])
    for t in 0..<10 {
      let input = x[t].doubles
      var spikes = [0.0, 0, 0]
      for i in 0..<3 {
        let drive =
          (0..<6).reduce(0) { $0 + w[i * 6 + $1] * input[$1] }
          + (0..<3).reduce(0) { $0 + r[i * 3 + $1] * last[$1] }
        v[i] = 0.9 * v[i] + 0.1 * drive
        if v[i] > 1 { (spikes[i], v[i]) = (1, 0) }
      }
      last = spikes
      #expect(output[t].doubles == spikes, "step \(t)")
    }
  }

  /// Every kind of node runs; shapes follow.
  @Test func everyNodeRuns() throws {
    var g = RandomGenerator(seed: 1)
    let network = try NIRNetwork(graph("all.nir"), dt: 1e-3)
    let x = (Tensor.uniform([6, 2, 2, 8, 8], in: 0...1, using: &g) .< 0.3).to(.float32)
    #expect(network(x).output.shape == [6, 2, 3])
    let line = try NIRNetwork(graph("conv1d.nir"), dt: 1e-3)
    #expect(line(Tensor.ones([4, 1, 2, 10])).output.shape == [4, 1, 3, 10])
  }

  /// Ours goes out and comes back the same, through a file.
  @Test func ourNetworksComeBack() throws {
    var g = RandomGenerator(seed: 2)
    let network = Sequential(
      DenseProjection(12, 8, using: &g), NeuronLayer(LIF(LIFParameters(timeConstant: 3, threshold: 0.3))),
      Linear(8, 6, using: &g), NeuronLayer(LIF(.integrateAndFire(threshold: 0.4))),
      Linear(6, 4, bias: false, using: &g),
      NeuronLayer(LeakyIntegrator(timeConstant: 5)))
    let exported = try NIRGraph(network, inputShape: [12], outputShape: [4])
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).nir")
    defer { try? FileManager.default.removeItem(at: url) }
    try exported.write(to: url)
    let back = try NIRNetwork(NIRGraph(contentsOf: url))
    let x = (Tensor.uniform([30, 3, 12], in: 0...1, using: &g) .< 0.3).to(.float32)
    let (ours, theirs) = (network(x), back(x).output)
    #expect(ours.abs().max().item > 0.01)
    #expect(ours.isClose(to: theirs, relative: 1e-3, absolute: 1e-4))
    let soft = Sequential(NeuronLayer(LIF(LIFParameters(reset: .soft))))
    #expect(throws: CajalError.self) { _ = try NIRGraph(soft, inputShape: [3], outputShape: [3]) }
    #expect(throws: CajalError.self) {
      _ = try NIRGraph(Sequential(NeuronLayer(Izhikevich())), inputShape: [3], outputShape: [3])
    }
  }

  /// An imported network can be trained on.
  @Test func importedWeightsLearn() throws {
    let network = try NIRNetwork(graph("spikingjelly.nir"))
    #expect(network.parameterCount > 12 * 16)
    let optimiser = Adam(network, learningRate: 1e-2)
    var g = RandomGenerator(seed: 3)
    let x = (Tensor.uniform([20, 8, 12], in: 0...1, using: &g) .< 0.3).to(.float32)
    let classes = Tensor((0..<8).map { $0 % 5 })
    func loss() -> Tensor { SpikeLoss.rateCrossEntropy(network(x).output, classes) }
    let before = loss().item
    for _ in 0..<20 {
      network.zeroGradients()
      loss().backward()
      optimiser.step()
    }
    #expect(loss().item < before)
  }
}
