import Foundation
import Support
import Tensors
import Testing

@Suite struct TrainingLoopTests {
  let checkpoint = FileManager.default.temporaryDirectory.appendingPathComponent(
    "cajal-\(UUID().uuidString).safetensors")

  /// A small network with dropout and batch norm on a problem with a known answer.
  private final class Problem {
    let x: Tensor
    let y: Tensor
    let model: Sequential
    let optimiser: Optimiser

    init() {
      var generator = RandomGenerator(seed: 5)
      x = .normal([100, 6], using: &generator)
      y = x[.all, 0] - x[.all, 1]
      model = Sequential(
        Linear(6, 16, using: &generator), BatchNorm(16), Activation.tanh, Dropout(0.2, using: &generator),
        Linear(16, 1, using: &generator))
      optimiser = Adam(model, learningRate: 0.01)
    }

    func loss(_ batch: Tensor) -> Tensor {
      (model(x.selected(batch, axis: 0)).squeezed(1) - y.selected(batch, axis: 0)).square().mean()
    }

    func loop(_ epochs: Int) -> TrainingLoop {
      var loop = TrainingLoop(model, optimiser, batchSize: 16, epochs: epochs, seed: 9)
      loop.schedule = .cosine(over: 100)
      loop.clippingNorm = 1
      loop.average = WeightAverage(model.parameters.map(\.parameter), decay: 0.9)
      return loop
    }

    var weights: [[Double]] { model.state.map { $0.tensor.doubles } }
  }

  @Test func theLossFalls() throws {
    let problem = Problem()
    let losses = try problem.loop(20).run(samples: 100, loss: problem.loss)
    #expect(losses.count == 20 && losses.last! < 0.7 * losses[0])
  }

  @Test(arguments: [5, 11, 14])
  func aResumedRunEqualsOneThatWasNotStopped(_ stop: Int) throws {
    defer { try? FileManager.default.removeItem(at: checkpoint) }
    let whole = Problem()
    let expected = try whole.loop(4).run(samples: 100, loss: whole.loss)
    let first = Problem()
    var loop = first.loop(4)
    loop.checkpoint = checkpoint
    var steps = 0
    #expect(throws: Interruption.self) {
      try loop.run(
        samples: 100,
        progress: { _ in
          steps += 1
          if steps == stop { throw Interruption() }
        }, loss: first.loss)
    }
    let second = Problem()
    loop = second.loop(4)
    loop.checkpoint = checkpoint
    #expect(try loop.run(samples: 100, loss: second.loss) == expected)
    #expect(second.weights == whole.weights)
  }

  @Test func aForeignCheckpointIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: checkpoint) }
    let problem = Problem()
    var loop = problem.loop(1)
    loop.checkpoint = checkpoint
    try loop.run(samples: 100, loss: problem.loss)
    #expect(
      throws: CajalError("\(checkpoint.path) is the checkpoint of another run: samples is 100, expected 50")
    ) {
      try loop.run(samples: 50, loss: problem.loss)
    }
    try Safetensors.write(
      [("x", .ones([1]))], metadata: ["seed": "9", "samples": "100", "batch": "16"], to: checkpoint)
    #expect(throws: CajalError.self) { try loop.run(samples: 100, loss: problem.loss) }
  }

  @Test func modulesAreSavedAndLoaded() throws {
    let url = checkpoint.deletingPathExtension().appendingPathExtension("npz")
    defer { try? FileManager.default.removeItem(at: url) }
    let (one, other) = (Problem(), Problem())
    try one.loop(1).run(samples: 100, loss: one.loss)
    try one.model.save(to: url)
    try other.model.load(from: url)
    #expect(one.weights == other.weights)
    var generator = RandomGenerator(seed: 1)
    let wrong = Sequential(Linear(6, 8, using: &generator))
    do {
      try wrong.load(from: url)
      Issue.record("a network of another shape took the weights")
    } catch { #expect("\(error)".contains(url.lastPathComponent) && "\(error)".contains("unknown 1.bias")) }
  }
}
