import Datasets
import Foundation
import Support
import Tensors

/// Fits a surrogate to recordings of a neuron: random windows, Adam, a learning rate that falls along a cosine; the best weights by the error of
/// the voltage on recordings of their own are kept.
public struct SurrogateTraining: Sendable {
  public var steps = 3000
  public var batch = 8
  /// Steps of a window.
  public var window = 300
  /// Steps at the start of recordings that are not used.
  public var ignored = 150
  public var learningRate = 5e-4
  /// Steps between two validations; 0 for none: the last weights are kept then.
  public var validationInterval = 0

  public init() {}

  /// - Parameters:
  ///   - validation: Recordings that choose the best weights.
  ///   - progress: Is told the number of steps done, from time to time; what it throws stops the training.
  /// - Returns: The mean loss of each hundred steps.
  /// - Throws: `CajalError` when recordings are shorter than a window; what `progress` throws.
  @discardableResult
  public func run(
    _ model: any SynapticModel, _ recordings: SynapticRecordings, validation: SynapticRecordings? = nil,
    using generator: inout RandomGenerator, progress: (Int) throws -> Void = { _ in }
  ) throws -> [Double] {
    let optimiser = Adam(model, learningRate: learningRate)
    let (schedule, loss) = (Schedule.cosine(over: steps), NeuronIOLoss())
    var (losses, sum, best): ([Double], Double, (error: Double, state: NamedTensors)?) = ([], 0, nil)
    for step in 0..<steps {
      optimiser.setScale(schedule(step))
      optimiser.zeroGradients()
      let windows = try recordings.windows(batch, of: window, ignoring: ignored, using: &generator)
      let value = loss(model(windows.events), spikes: windows.spikes, voltage: windows.voltage)
      value.backward()
      optimiser.step()
      sum += value.item
      if step % 100 == 99 {
        losses.append(sum / 100)
        sum = 0
        try progress(step + 1)
      }
      guard let validation, validationInterval > 0,
        step % validationInterval == validationInterval - 1 || step == steps - 1
      else { continue }
      let error = try Self.voltageError(model, validation, window: window)
      if error < best?.error ?? .infinity {
        best = (error, model.state.map { ($0.name, $0.tensor.cloned()) })
      }
    }
    if let best { try model.load(best.state) }
    return losses
  }

  private static func voltageError(
    _ model: any SynapticModel, _ recordings: SynapticRecordings, window: Int
  ) throws -> Double {
    let prediction = try SurrogatePrediction(model, recordings, window: window, burnIn: min(150, window / 2))
    var (sum, count) = (0.0, 0)
    for (number, recording) in recordings.recordings.enumerated() {
      for t in 0..<recording.steps {
        let error = prediction.voltage[number][t] - Double(min(recording.voltage[t], -55))
        sum += error * error
      }
      count += recording.steps
    }
    return (sum / Double(count)).squareRoot()
  }
}
