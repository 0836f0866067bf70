import Datasets
import Foundation
import Support
import Tensors

extension ExpressiveLeakyMemory {
  /// Recordings of a neuron that this network stands for: voltage as it says, spikes drawn with its probabilities.
  ///
  /// - Returns: The recordings, and the probability of a spike in each step of each.
  /// - Throws: `CajalError` when the network does not answer with a spike's logit and a voltage, or takes other inputs.
  public func recordings(
    _ count: Int, steps: Int, input: FluctuatingRates = FluctuatingRates(), name: String,
    using generator: inout RandomGenerator
  ) throws -> (recordings: SynapticRecordings, probabilities: [[Double]]) {
    guard configuration.outputs == 2, configuration.inputs == input.inputs, count > 0 else {
      throw CajalError(
        "\(count) recordings of a network of \(configuration.inputs) inputs and \(configuration.outputs) outputs under \(input.inputs) inputs"
      )
    }
    let base = RandomGenerator(seed: generator.next())
    let events = parallelMap(count) { index in
      var own = base.split(2 * index)
      return input.events(steps: steps, using: &own)
    }
    var (recordings, probabilities): ([SynapticRecording], [[Double]]) = ([], [])
    for (index, one) in events.enumerated() {
      let values = withoutGradients { self(one) }.doubles
      var own = base.split(2 * index + 1)
      let chances = (0..<steps).map { 1 / (1 + exp(-values[2 * $0])) }
      recordings.append(
        try SynapticRecording(
          events: one, spikes: chances.map { own.uniform() < $0 },
          voltage: (0..<steps).map { Float(SynapticRecordings.voltage(ofTarget: values[2 * $0 + 1])) }))
      probabilities.append(chances)
    }
    let parameters = synapticParameters.value.detached().floats.map { "\($0)" }.joined(separator: " ")
    let fingerprint = Fingerprint.of(Data("\(name) \(input) \(count) \(steps) \(base) \(parameters)".utf8))
    return (
      try SynapticRecordings(name: name, recordings: recordings, fingerprint: fingerprint), probabilities
    )
  }
}
