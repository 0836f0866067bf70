import Datasets
import Foundation
import Support
import Tensors

/// A network over dense sequences `[T, B, N]` that takes events.
public final class DenseSequenceModel: Layer, SynapticModel {
  public let network: Layer

  public init(_ network: Layer) { self.network = network }

  public override var keys: [String: String] { ["network": ""] }
  public override func callAsFunction(_ x: Tensor) -> Tensor { network(x) }
  public func callAsFunction(_ events: SynapticEvents) -> Tensor { network(events.tensor) }
}

/// Sequences of events with a class each, drawn as they are needed.
public struct SequenceTask: Sendable {
  public typealias Samples = (events: SynapticEvents, labels: [Int])

  public var name: String
  public var inputs, steps, classes: Int
  /// Draws samples to learn from.
  public var train: @Sendable (Int, inout RandomGenerator) throws -> Samples
  /// Draws samples to be tested on.
  public var test: @Sendable (Int, inout RandomGenerator) throws -> Samples

  public init(
    name: String, inputs: Int, steps: Int, classes: Int,
    train: @escaping @Sendable (Int, inout RandomGenerator) throws -> Samples,
    test: @escaping @Sendable (Int, inout RandomGenerator) throws -> Samples
  ) {
    (self.name, self.inputs, self.steps, self.classes) = (name, inputs, steps, classes)
    (self.train, self.test) = (train, test)
  }
}

/// Trains a network `[T, B, classes]` on the class of whole sequences.
public struct SequenceClassification: Sendable {
  /// From which steps the class is read.
  public enum Reading: Sendable { case last, mean }

  public var steps = 1000
  public var batch = 16
  public var learningRate = 5e-3
  public var clippingNorm = 1.0
  public var reading = Reading.last
  /// Samples of the test.
  public var testSamples = 512

  public init() {}

  public struct Outcome: Sendable {
    /// Share of test samples whose class was told.
    public var accuracy: Double
    /// Of each hundred steps.
    public var losses: [Double]
  }

  /// - Parameter progress: Is told the number of steps done, every hundred or at the end; what it throws stops the training.
  public func run(
    _ model: any SynapticModel, _ task: SequenceTask, using generator: inout RandomGenerator,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> Outcome {
    let optimiser = Adamax(model, learningRate: learningRate)
    let schedule = Schedule.cosine(over: steps)
    var (losses, sum): ([Double], Double) = ([], 0)
    for step in 0..<steps {
      optimiser.setScale(schedule(step))
      optimiser.zeroGradients()
      let samples = try task.train(batch, &generator)
      let loss = scores(model(samples.events)).crossEntropy(Tensor(samples.labels))
      loss.backward()
      clipGradients(optimiser.groups.flatMap(\.parameters), norm: clippingNorm)
      optimiser.step()
      sum += loss.item
      if step % 100 == 99 || step == steps - 1 {
        losses.append(sum / Double(step % 100 + 1))
        sum = 0
        try progress(step + 1)
      }
    }
    return Outcome(accuracy: try accuracy(model, task, using: &generator), losses: losses)
  }

  /// The share of samples of the test whose class is told.
  public func accuracy(
    _ model: any SynapticModel, _ task: SequenceTask, using generator: inout RandomGenerator
  )
    throws -> Double
  {
    var (right, left) = (0, testSamples)
    while left > 0 {
      let samples = try task.test(min(64, left), &generator)
      let told = withoutGradients { scores(model(samples.events)).argmax(axis: 1) }.integers
      right += zip(told, samples.labels).count { $0 == $1 }
      left -= samples.labels.count
    }
    return Double(right) / Double(testSamples)
  }

  private func scores(_ output: Tensor) -> Tensor {
    switch reading {
    case .last: output[output.size(0) - 1]
    case .mean: output.mean(axis: 0)
    }
  }
}
