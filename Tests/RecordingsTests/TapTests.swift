import Recordings
import Support
import Tensors
import Testing

@Suite struct TapTests {
  /// A two-layer model that taps its hidden neurons.
  func model(_ x: Tensor) -> Tensor {
    let hidden = tap("blocks.0.mlp", x * 2)
    return tap("blocks.1.mlp", hidden + 1)
  }

  let x = Tensor([1, 2, 3, 4], shape: [2, 2], as: .float32)

  @Test(arguments: [
    ("blocks.*.mlp", "blocks.3.mlp", true), ("blocks.*", "blocks.3.mlp", false), ("**.mlp", "a.b.mlp", true),
    ("**", "anything.at.all", true), ("blocks.1?", "blocks.12", true), ("blocks.1?", "blocks.1", false),
    ("layer*.spikes", "layer12.spikes", true), ("blocks.3.mlp", "blocks.3.mlp", true),
    ("mlp", "blocks.mlp", false),
  ])
  func patterns(_ pattern: String, _ site: String, _ fits: Bool) {
    #expect(SitePattern(pattern).matches(site) == fits)
  }

  @Test func nothingAttachedChangesNothing() {
    #expect(tap("blocks.0.mlp", x).floats == x.floats)
  }

  @Test func recordsAllOrChosenNeurons() {
    let all = ActivityRecorder("blocks.*.mlp")
    let second = ActivityRecorder("blocks.1.mlp", neurons: [1])
    withInstruments(all, second) {
      _ = model(x)
      _ = model(x)
    }
    let found = all.taken()
    #expect(found.keys.sorted() == ["blocks.0.mlp", "blocks.1.mlp"])
    #expect(found["blocks.0.mlp"]?.shape == [4, 2])
    #expect(second.taken()["blocks.1.mlp"]?.floats == [5, 9, 5, 9])
    #expect(all.taken().isEmpty)
  }

  @Test func recordingStreamsInBoundedMemory() throws {
    var chunks: [Int] = []
    let recorder = ActivityRecorder("blocks.0.mlp", capacity: 4) { _, samples in
      chunks.append(samples.size(0))
    }
    withInstruments(recorder) { for _ in 0..<5 { _ = model(x) } }
    try recorder.finish()
    #expect(chunks == [4, 4, 2])
    let failing = ActivityRecorder("**", capacity: 1) { _, _ in throw CajalError("disk full") }
    withInstruments(failing) { _ = model(x) }
    #expect(throws: CajalError("disk full")) { try failing.finish() }
  }

  @Test func channelsOfImagesAreNeurons() {
    let recorder = ActivityRecorder("conv", axis: 1)
    let image = Tensor.arange(12, .float32).reshaped(1, 3, 2, 2)
    withInstruments(recorder) { _ = tap("conv", image) }
    let samples = recorder.taken()["conv"]!
    #expect(samples.shape == [4, 3] && samples[0].floats == [0, 4, 8])
  }

  @Test func perturbationsChangeWhatTheModelGoesOnWith() {
    func run(_ kind: Perturbation.Kind, _ neurons: [Int]? = nil) -> [Float] {
      withInstruments(Perturbation(kind, at: "blocks.0.mlp", neurons: neurons)) { model(x).floats }
    }
    #expect(model(x).floats == [3, 5, 7, 9])
    #expect(run(.ablate, [0]) == [1, 5, 1, 9])
    #expect(run(.clamp(9)) == [10, 10, 10, 10])
    #expect(run(.clampEach([5, 6]), [1, 0]) == [7, 6, 7, 6])
    #expect(run(.scale(10), [1]) == [3, 41, 7, 81])
    #expect(run(.patch(Tensor.zeros([2, 2])), [1]) == [3, 1, 7, 1])
    #expect(run(.noise(deviation: 1)) == run(.noise(deviation: 1)))
    #expect(run(.noise(deviation: 1), [0]) != run(.scale(1)))
  }

  @Test func nestedScopesComposeFromOutsideIn() {
    let outside = ActivityRecorder("blocks.0.mlp")
    let inside = ActivityRecorder("blocks.0.mlp")
    withInstruments(outside) {
      withInstruments(Perturbation(.scale(3), at: "blocks.0.mlp"), inside) {
        #expect(model(x).floats == [7, 13, 19, 25])
      }
      #expect(model(x).floats == [3, 5, 7, 9])
    }
    #expect(outside.taken()["blocks.0.mlp"]!.floats == [2, 4, 6, 8, 2, 4, 6, 8])
    #expect(inside.taken()["blocks.0.mlp"]!.floats == [6, 12, 18, 24])
  }

  @Test func gradientsFlowAroundAClampedNeuron() {
    let leaf = x.cloned().requiringGradient()
    withInstruments(Perturbation(.ablate, at: "blocks.0.mlp", neurons: [0])) { model(leaf).sum().backward() }
    #expect(leaf.gradient?.floats == [0, 2, 0, 2])
  }

  @Test func actsAtChosenPositionsOfATextOnly() {
    let text = Tensor.arange(12, .float32).reshaped(1, 3, 4)
    let late = Perturbation(.ablate, at: "mlp", neurons: [1, 3], positions: 1..<9)
    #expect(
      withInstruments(late) { tap("mlp", text) }.floats == [0, 1, 2, 3, 4, 0, 6, 0, 8, 0, 10, 0])
    let everyNeuron = Perturbation(.scale(2), at: "mlp", positions: 0..<1)
    #expect(
      withInstruments(everyNeuron) { tap("mlp", text) }.floats == [0, 2, 4, 6, 4, 5, 6, 7, 8, 9, 10, 11])
  }
}
