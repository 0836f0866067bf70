import Foundation
import Neurons
import Support
import Tensors
import Testing

/// What holds for every model, because it follows from the equations.
@Suite struct NeuronModelTests {
  /// Outputs, variables and all gradients of a loss that looks at each of them.
  private func everything(
    _ given: [[Tensor]], _ run: ([Tensor], [Tensor], [Tensor]) -> [Tensor]
  ) -> [Tensor] {
    let leaves = given.map { $0.map { $0.cloned().requiringGradient() } }
    let results = run(leaves[0], leaves[1], leaves[2])
    var g = RandomGenerator(seed: 9)
    let losses = results.map {
      ($0 / $0.detached().abs().mean() * Tensor.normal($0.shape, $0.elementType, using: &g)).sum()
    }
    // Variables that stay zero (the rise of exponential synapses) have no scale to divide by.
    let loss = losses.filter { $0.item.isFinite }.reduce(Tensor.zeros([], results[0].elementType), +)
    loss.backward()
    return results.map { $0.detached() } + leaves.joined().map { $0.gradient ?? Tensor.zeros(like: $0) }
  }

  @Test(arguments: ModelCase.all()) func fusedEqualsStepByStep(_ model: ModelCase) {
    // More neurons than a vector, not a multiple of one.
    let given = model.draw(model.drive, [3, 37], .float32, seed: 4)
    let fused = everything(given, model.fused)
    let plain = everything(given, model.plain)
    let rate = fused[0].mean().item
    if model.name != "leaky integrator" { #expect(rate > 0.004 && rate < 1.9, "mean output \(rate)") }
    for (index, (a, b)) in zip(fused, plain).enumerated() {
      let error = (a - b).abs().max().item
      #expect(error <= 2e-3 * max(1e-2, b.abs().max().item), "\(index): \(error) of \(b.abs().max().item)")
    }
  }

  /// Below threshold everything is smooth, so that gradients are those of calculus; the surrogate is zero there.
  @Test(arguments: ModelCase.all(.rectangle(width: 1e-3))) func gradientsAgreeWithFiniteDifferences(
    _ model: ModelCase
  ) {
    var given = model.draw(model.quiet, [1, 3], .float64, seed: 5)
    let weights = (0..<model.variables).map { Double($0 + 1) * 0.7 - 1 }
    func loss(_ values: [[Tensor]]) -> Tensor {
      let results = model.plain(values[0], values[1], values[2])
      return zip(results.dropFirst(), weights).map { ($0 * $1).sum() }.reduce(results[0].sum() * 0, +)
    }
    let single = given.map { $0.map { $0.to(.float32).requiringGradient() } }
    let results = model.fused(single[0], single[1], single[2])
    zip(results.dropFirst(), weights).map { ($0 * $1).sum() }.reduce(results[0].sum() * 0, +).backward()
    for kind in 0..<3 {
      for index in given[kind].indices {
        let tensor = given[kind][index]
        let analytic = (single[kind][index].gradient ?? Tensor.zeros(like: tensor)).doubles
        let scale = max(1e-3, analytic.map(abs).max()!)
        for place in stride(from: 0, to: tensor.count, by: 5) {
          func value(_ shift: Double) -> Double {
            let moved = tensor.cloned()
            moved.withUnsafeMutableElements(of: Double.self) { $0[place] += shift }
            given[kind][index] = moved
            defer { given[kind][index] = tensor }
            return loss(given).item
          }
          // Counters of refractory steps are whole numbers, through which no gradient flows.
          let slope = (value(1e-6) - value(-1e-6)) / 2e-6
          guard !(kind == 1 && model.rest[index] == 0 && analytic[place] == 0) else { continue }
          #expect(abs(slope - analytic[place]) < 2e-3 * scale, "\(kind) \(index) \(place)")
        }
      }
    }
  }

  @Test(arguments: ModelCase.all()) func halvesEqualTheWhole(_ model: ModelCase) {
    let given = model.draw(model.drive, [2, 33], .float32, seed: 6)
    let whole = model.fused(given[0], given[1], given[2])
    let half = model.steps / 2
    let first = model.fused(given[0].map { $0[..<half] }, given[1], given[2])
    let second = model.fused(given[0].map { $0[half...] }, Array(first.dropFirst()), given[2])
    #expect(Tensor.concatenated([first[0], second[0]]).floats == whole[0].floats)
    for (a, b) in zip(second.dropFirst(), whole.dropFirst()) { #expect(a.floats == b.floats) }
  }

  /// The same whatever the number of threads, and whether an input is repeated or written out.
  @Test func tilesAndRepeatedStepsChangeNothing() {
    var g = RandomGenerator(seed: 7)
    let row = Tensor.uniform([1, 5, 300], in: 0...3, using: &g)
    let repeated = row.expanded([40, 5, 300])
    let (a, b) = (repeated.cloned().contiguous().requiringGradient(), row.cloned().requiringGradient())
    let (first, second) = (LIF()(a).output, LIF()(b.expanded([40, 5, 300])).output)
    #expect(first.floats == second.floats)
    // A mean over time has a gradient that is the same at every step.
    first.mean(axis: 0).square().sum().backward()
    second.mean(axis: 0).square().sum().backward()
    #expect(a.gradient!.sum(axis: 0).isClose(to: b.gradient![0], relative: 1e-4, absolute: 1e-5))
    let one = Torch.onOneThread { LIF()(a.detached()).output.floats }
    #expect(one == first.floats)
  }
}

/// Reference values computed outside.
@Suite struct NeuronGoldenTests {
  nonisolated(unsafe) static let file: [String: Any] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/spiking-neurons.json")
    return try! JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: Any]
  }()

  private func numbers(_ key: String, in table: [String: Any] = file) -> [Double] {
    (table[key] as! [NSNumber]).map(\.doubleValue)
  }

  @Test(arguments: [ElementType.float64, .float32]) func tenModelsFireAsTheReferenceDoes(_ type: ElementType)
  {
    let x = Tensor(numbers("neuron_input"), shape: [4, 1, 3]).to(type)
    let expected = Self.file["neurons"] as! [String: Any]
    func check(_ name: String, _ spikes: Tensor) {
      #expect(spikes.doubles == numbers(name, in: expected), "\(name)")
    }
    func own(_ values: Double...) -> [Tensor] { values.map { Tensor.full([3], $0, type) } }
    check("IF_thr0.5", LIF(.integrateAndFire(threshold: 0.5))(x).output)
    check("LIF", LIF()(x).output)
    check("PLIF_w0.7", ParametricLIF()(x, parameters: own(1 / (1 + exp(-0.7)))).output)
    check("EIF", ExponentialLIF()(x).output)
    check("KLIF_k1.3", RectifiedLIF()(x, parameters: own(1.3)).output)
    check("CLIF", ComplementaryLIF()(x).output)
    check("GLIF_default", GatedLIF()(x, parameters: own(0, 0, 0, 0.5, 0.0625, 0.5, 0.5, 0.5)).output)
    check("ILIF_D2", IntegerLIF()(x).output)
    check("NILIF_D2", IntegerLIF(isNormalised: true)(x).output)
    var g = RandomGenerator(seed: 1)
    let parallel = ParallelSpiking(steps: 4, using: &g)
    parallel.weight.value = Tensor(numbers("psn_W"), shape: [4, 4]).to(type)
    parallel.bias.value = parallel.bias.value.to(type)
    check("PSN", parallel(x))
    #expect((x.graded(upTo: 4) / 4).doubles == numbers("multispike_0_4"))
  }

  @Test(arguments: [(ElementType.float64, 1e-9), (.float32, 1e-5)])
  func gradientsOfLIFAgree(_ type: ElementType, _ tolerance: Double) {
    let x = Tensor(numbers("neuron_input"), shape: [4, 1, 3]).to(type).requiringGradient()
    let weights = Tensor((1...12).map(Double.init), shape: [4, 1, 3]).to(type)
    (LIF(LIFParameters(surrogate: .sigmoid(alpha: 4)))(x).output * weights).sum().backward()
    for (a, b) in zip(x.gradient!.doubles, numbers("lif_grad")) { #expect(abs(a - b) < tolerance) }
  }

  @Test func membraneOfALongSequenceAgrees() {
    let table = Self.file["lif"] as! [String: Any]
    let x = Tensor(numbers("current", in: table), shape: [60, 1, 1])
    let neurons = LIF(LIFParameters(timeConstant: 12, decaysInput: false))
    #expect(neurons(x).output.doubles == numbers("spikes", in: table))
    // Before reset: the step from each state.
    var state = neurons.rest(like: x[0])
    for (time, expected) in numbers("V_before_reset", in: table).enumerated() {
      let charged = state.membrane.item * 11 / 12 + x[time].item
      #expect(abs(charged - expected) < 1e-9)
      state = neurons.step(x[time], state).state
    }
  }
}
