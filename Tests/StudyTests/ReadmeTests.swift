import Datasets
import Foundation
import Neurons
import Recordings
import Support
import Tensors
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
}
