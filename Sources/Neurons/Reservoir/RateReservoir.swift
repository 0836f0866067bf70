import Foundation
import Support

/// A recurrent network of rates, the usual reservoir: `r <- r + (tanh(W r + W_in input + b) - r)/τ`, from rest at 0.
///
/// Weights are normal with deviation `g/√(p N)`; time constants are uniform in the logarithm. It is deterministic.
public struct RateReservoir: Reservoir {
  public struct Configuration: Sendable, Equatable {
    /// N
    public var size: Int
    public var inputs: Int
    public var connectionProbability = 0.1
    /// g
    public var gain = 1.5
    public var inputStrength = 1.0
    public var inputShare = 0.5
    /// b is this times N(0, 1).
    public var biasStrength = 0.1
    /// Steps.
    public var timeConstants = 10.0...200.0

    public init(size: Int = 300, inputs: Int = 1) { (self.size, self.inputs) = (size, inputs) }
  }

  private let synapses: SparseColumns
  private let inputWeights: [[Double]]
  private let bias: [Double]
  private let rates: [Double]

  public var inputCount: Int { inputWeights.count }
  public var featureCount: Int { bias.count + 1 }
  public var isDeterministic: Bool { true }

  /// Draws a reservoir; the same generator and configuration give the same one.
  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    let c = configuration
    precondition(c.size > 1 && c.inputs > 0, "\(c.size) neurons, \(c.inputs) inputs")
    let scale = c.gain / (c.connectionProbability * Double(c.size)).squareRoot()
    synapses = SparseColumns(
      columns: (0..<c.size).map { sender in
        (0..<c.size).compactMap { receiver in
          receiver != sender && generator.uniform() < c.connectionProbability
            ? (receiver, scale * generator.normal()) : nil
        }
      })
    inputWeights = (0..<c.inputs).map { _ in
      (0..<c.size).map { _ in
        generator.uniform() < c.inputShare ? c.inputStrength * generator.normal() : 0
      }
    }
    bias = (0..<c.size).map { _ in c.biasStrength * generator.normal() }
    rates = (0..<c.size).map { _ in
      1 / IzhikevichReservoir.logarithmic(c.timeConstants, generator.uniform())
    }
  }

  public func features(_ input: ReservoirInput, using generator: inout RandomGenerator) -> FeatureTrajectory {
    precondition(
      input.channels == inputCount, "an input of \(input.channels) channels for a reservoir of \(inputCount)")
    let size = bias.count
    var activity = [Double](repeating: 0, count: size)
    var values = [Double](repeating: 1, count: input.steps * featureCount)
    for step in 0..<input.steps {
      var drive = bias
      drive.withUnsafeMutableBufferPointer { add(activity, to: $0.baseAddress!) }
      for channel in 0..<inputCount {
        let height = input.values[step * inputCount + channel]
        guard height != 0 else { continue }
        for neuron in 0..<size { drive[neuron] += height * inputWeights[channel][neuron] }
      }
      for neuron in 0..<size {
        activity[neuron] += rates[neuron] * (tanh(drive[neuron]) - activity[neuron])
        values[step * featureCount + neuron] = activity[neuron]
      }
    }
    return FeatureTrajectory(values: values, steps: input.steps, count: featureCount)
  }

  private func add(_ activity: [Double], to drive: UnsafeMutablePointer<Double>) {
    for sender in activity.indices where activity[sender] != 0 {
      for entry in synapses.starts[sender]..<synapses.starts[sender + 1] {
        drive[Int(synapses.rows[entry])] += synapses.weights[entry] * activity[sender]
      }
    }
  }
}
