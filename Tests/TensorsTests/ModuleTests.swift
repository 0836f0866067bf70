import Foundation
import Support
import Tensors
import Testing

/// The golden file beside the tests of all rooms.
func golden(_ name: String) throws -> [String: Any] {
  let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "../Golden/\(name).json")
  return try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: Any]
}

/// sin(0.7 i + phase), as make_tensors.py makes weights.
func wave(_ shape: [Int], _ phase: Double) -> Tensor {
  Tensor((0..<shape.reduce(1, *)).map { sin(0.7 * Double($0) + phase) }, shape: shape, as: .float32)
}

private func listed(_ value: Any?) -> Tensor {
  let entry = value as! [String: Any]
  return Tensor(
    (entry["data"] as! [NSNumber]).map(\.doubleValue), shape: (entry["shape"] as! [NSNumber]).map(\.intValue),
    as: .float32)
}

@Suite struct ModuleTests {
  func compare(_ key: String, _ module: Module, _ x: Tensor, _ call: (Tensor) -> Tensor) throws {
    let expected = (try golden("tensors")["layers"] as! [String: Any])[key] as! [String: Any]
    #expect(module.parameters.map(\.name) == expected["names"] as! [String])
    for (index, entry) in module.parameters.enumerated() {
      entry.parameter.value = wave(entry.parameter.value.shape, 0.1 * Double(index + 1))
    }
    let x = x.requiringGradient()
    let y = call(x)
    #expect(y.isClose(to: listed(expected["output"]), relative: 1e-5, absolute: 1e-5))
    (y * wave(y.shape, 0.5)).sum().backward()
    #expect(x.gradient!.isClose(to: listed(expected["inputGradient"]), relative: 1e-4, absolute: 2e-5))
    for (entry, gradient) in zip(module.parameters, expected["gradients"] as! [Any]) {
      #expect(
        entry.parameter.gradient!.isClose(to: listed(gradient), relative: 1e-4, absolute: 5e-5),
        "\(entry.name)")
    }
  }

  @Test func layersAgreeWithPyTorch() throws {
    var g = RandomGenerator(seed: 1)
    let linear = Linear(4, 3, using: &g)
    try compare("linear", linear, wave([2, 4], 0)) { linear($0) }
    let convolution = Convolution(2, 4, kernel: 3, stride: 2, padding: 1, groups: 2, using: &g)
    try compare("convolution", convolution, wave([1, 2, 5, 5], 0)) { convolution($0) }
    let transposed = Convolution(2, 3, kernel: [2, 2], .init(stride: 2), transposed: true, using: &g)
    try compare("transposedConvolution", transposed, wave([1, 2, 3, 3], 0)) { transposed($0) }
    let batch = BatchNorm(2)
    try compare("batchNorm", batch, wave([3, 2, 2, 2], 0)) { batch($0) }
    let layer = LayerNorm(5)
    try compare("layerNorm", layer, wave([2, 5], 0)) { layer($0) }
    let group = GroupNorm(groups: 2, 4)
    try compare("groupNorm", group, wave([2, 4, 3], 0)) { group($0) }
  }

  @Test func recurrentLayersAgreeWithPyTorch() throws {
    var g = RandomGenerator(seed: 1)
    let lstm = LSTM(3, 2, layers: 2, using: &g)
    try compare("lstm", lstm, wave([4, 2, 3], 0)) { lstm($0).output }
    let gru = GRU(3, 2, using: &g)
    try compare("gru", gru, wave([4, 2, 3], 0)) { gru($0).output }
    let attention = MultiHeadAttention(4, heads: 2, using: &g)
    try compare("attention", attention, wave([2, 3, 4], 0)) { attention($0) }
  }

  final class Block: Module {
    let norm = LayerNorm(4)
    let optional: Linear?
    let layers: [Linear]
    override var keys: [String: String] { ["layers": "blocks"] }
    init(_ g: inout RandomGenerator) {
      optional = Linear(4, 2, bias: false, using: &g)
      layers = [Linear(4, 4, using: &g), Linear(4, 4, using: &g)]
    }
  }

  @Test func pathsFreezingAndCounts() throws {
    var g = RandomGenerator(seed: 1)
    let block = Block(&g)
    #expect(
      block.parameters.map(\.name) == [
        "norm.weight", "norm.bias", "optional.weight", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight",
        "blocks.1.bias",
      ])
    #expect(block.parameterCount == 8 + 8 + 40)
    block.freeze("blocks.0")
    #expect(block.parameterCount == 36 && !block.layers[0].weight.value.requiresGradient)
    block.evaluate()
    #expect(block.norm.isTraining == false)
    #expect(block.summary.contains("blocks.1.weight"))
  }

  @Test func weightsLoadByNameOrNotAtAll() throws {
    var g = RandomGenerator(seed: 1)
    let (a, b) = (Block(&g), Block(&g))
    try b.load(a.state)
    #expect(b.layers[1].weight.value.floats == a.layers[1].weight.value.floats)
    var wrong = a.state
    wrong[0] = ("norm.weight", Tensor.zeros([5]))
    let before = b.norm.weight.value.floats
    let problem = #expect(throws: CajalError.self) { try b.load(wrong) }
    #expect(problem?.message.contains("norm.weight") == true && b.norm.weight.value.floats == before)
    let missing = #expect(throws: CajalError.self) { try b.load(Array(a.state.dropFirst())) }
    #expect(missing?.message.contains("missing norm.weight") == true)
  }

  @Test func batchNormKeepsRunningStatistics() {
    let layer = BatchNorm(1)
    let x = Tensor([1, 3, 5, 7], shape: [4, 1], as: .float32)
    _ = layer(x)
    #expect(abs(layer.runningMean.value.item - 0.4) < 1e-6)
    #expect(abs(layer.runningVariance.value.item - (0.9 + 0.1 * 20 / 3)) < 1e-5)
    layer.evaluate()
    let y = layer(x).floats
    #expect(abs(Double(y[0]) - (1 - 0.4) / (0.9 + 0.1 * 20 / 3 + 1e-5).squareRoot()) < 1e-5)
  }
}
