import Datasets
import Foundation
import Neurons
import Recordings
import Support
import Tensors
import TestSupport
import Testing

/// The example of the README on a small folder.
@Suite struct ReadmeTests {
  let scratch = Scratch()

  @Test func theExampleOfTheReadmeRuns() throws {
    var drawing = RandomGenerator(seed: 3)
    for (part, count) in [("train", 60), ("t10k", 20)] {
      let pixels = (0..<count * 64).map { _ in UInt8(drawing.integer(below: 256)) }
      try IDXFile(shape: [count, 8, 8], bytes: pixels).write(
        to: scratch.url.appendingPathComponent("\(part)-images-idx3-ubyte"))
      try IDXFile(shape: [count], bytes: (0..<count).map { UInt8($0 % 3) }).write(
        to: scratch.url.appendingPathComponent("\(part)-labels-idx1-ubyte"))
    }
    let (train, test) = try LabelledImages.load(scratch.url.path)
    let statistics = train.channelStatistics
    let (x, y) = (train.standardised(by: statistics).flattened(from: 1), train.labelTensor)
    var generator = RandomGenerator(seed: 1)
    let model = Sequential(
      Linear(train.imageSize, 512, using: &generator), Activation { tap("hidden", $0.relu()) },
      Linear(512, train.classCount, using: &generator))
    var loop = TrainingLoop(model, Adam(model), batchSize: 128, epochs: 5, seed: 1)
    loop.checkpoint = scratch.url.appendingPathComponent("model.safetensors")
    try loop.run(samples: train.count) { batch in
      model(x.selected(batch, axis: 0)).crossEntropy(y.selected(batch, axis: 0))
    }
    let images = test.standardised(by: statistics).flattened(from: 1)
    let recorder = ActivityRecorder("hidden")
    let whole = withInstruments(recorder) { model(images) }
    let without = withInstruments(Perturbation(.ablate, at: "hidden", neurons: Array(0..<10))) {
      model(images)
    }
    let activity = recorder.taken()["hidden"]!
    #expect(activity.shape == [20, 512] && whole.floats != without.floats)
  }

  @Test func theSpikingExampleOfTheReadmeRuns() throws {
    var generator = RandomGenerator(seed: 1)
    let samples = (0..<6).map { index -> SpikeSample in
      let times = (0..<900).map { Float($0) / 1_000 }
      return SpikeSample(times: times, units: times.indices.map { Int32(($0 * 7 + index * 100) % 700) })
    }
    let url = scratch.url.appendingPathComponent("digits.h5")
    try LabelledSpikes(
      name: "digits", channelCount: 700, samples: samples, labels: [0, 1, 2, 3, 4, 19],
      classNames: (0..<20).map { "\($0)" }, fingerprint: "digits"
    ).write(shd: url)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/files/nir/snntorch.nir")

    let digits = try LabelledSpikes(shd: url)
    let spikes = digits.tensor(SpikeBinning(width: 0.01, duration: 1, group: 5))
    let (output, state) = LIF()(spikes)
    let (more, _) = LIF()(spikes, from: state)
    let network = Sequential(
      DenseProjection(140, 256, using: &generator), NeuronLayer(LIF(), site: "hidden"),
      DelayedProjection(256, 20, length: 25, using: &generator), NeuronLayer(LeakyIntegrator()))
    SpikeLoss.membraneCrossEntropy(network(spikes), digits.labelTensor).backward()
    let imported = try NIRNetwork(NIRGraph(contentsOf: file), dt: 1e-4)
    #expect(output.shape == [100, 6, 140] && more.shape == output.shape)
    #expect(network.parameters.allSatisfy { $0.parameter.gradient != nil })
    #expect(imported.parameterCount > 0)
  }
}
