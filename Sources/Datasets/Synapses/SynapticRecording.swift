import Support
import Tensors

/// What one neuron was given and what it answered, step by step: events at its synapses, its output spikes, the voltage of its soma.
public struct SynapticRecording: Sendable {
  /// How many steps; one a millisecond in NeuronIO.
  public let steps: Int
  /// Events of one sequence; excitatory ones are +1, inhibitory ones -1.
  public let events: SynapticEvents
  /// Whether the neuron fired in each step.
  public let spikes: [Bool]
  /// Of the soma, in mV.
  public let voltage: [Float]

  /// - Throws: `CajalError` when the three do not have the same number of steps.
  public init(events: SynapticEvents, spikes: [Bool], voltage: [Float]) throws {
    guard events.batch == 1, spikes.count == events.steps, voltage.count == events.steps else {
      throw CajalError(
        "a recording of \(events.batch) sequences of \(events.steps) steps has \(spikes.count) steps of spikes and \(voltage.count) of voltage"
      )
    }
    steps = events.steps
    (self.events, self.spikes, self.voltage) = (events, spikes, voltage)
  }

  public var spikeCount: Int { spikes.count { $0 } }
}

/// Recordings of one neuron, to fit a surrogate to: read from NeuronIO's files or simulated.
///
/// ```swift
/// let recordings = try SynapticRecordings(neuronIO: [url])
/// let batch = recordings.windows(8, of: 500, ignoring: 500, using: &generator)
/// let loss = NeuronIOLoss()(neuron(batch.events), spikes: batch.spikes, voltage: batch.voltage)
/// ```
public struct SynapticRecordings: SampleCollection, Sendable {
  public let name: String
  /// N.
  public let inputs: Int
  public let recordings: [SynapticRecording]
  public let fingerprint: String

  public var count: Int { recordings.count }

  /// - Throws: `CajalError` naming the recording whose number of inputs differs.
  public init(name: String, recordings: [SynapticRecording], fingerprint: String) throws {
    guard let first = recordings.first else { throw CajalError("\(name) holds no recording") }
    if let wrong = recordings.firstIndex(where: { $0.events.inputs != first.events.inputs }) {
      throw CajalError(
        "\(name): recording \(wrong) has \(recordings[wrong].events.inputs) inputs, expected \(first.events.inputs)"
      )
    }
    (self.name, inputs, self.recordings) = (name, first.events.inputs, recordings)
    self.fingerprint = fingerprint
  }

  public func subset(_ indices: [Int]) -> SynapticRecordings {
    precondition(indices.allSatisfy(recordings.indices.contains), "a number beyond \(count) recordings")
    return SynapticRecordings(self, indices.map { recordings[$0] })
  }

  private init(_ whole: SynapticRecordings, _ recordings: [SynapticRecording]) {
    (name, inputs, fingerprint) = (whole.name, whole.inputs, whole.fingerprint)
    self.recordings = recordings
  }

  /// Output spikes a second, where a step is a millisecond.
  public var rate: Double {
    let steps = recordings.reduce(0) { $0 + $1.steps }
    return Double(recordings.reduce(0) { $0 + $1.spikeCount }) / Double(max(steps, 1)) * 1000
  }

  /// Equal stretches of recordings side by side.
  public struct Windows: Sendable {
    public let events: SynapticEvents
    /// 1 where the neuron fired, `[T, B]`.
    public let spikes: Tensor
    /// In the units of a target, `[T, B]`: ``SynapticRecordings/target(ofVoltage:)``.
    public let voltage: Tensor
  }

  /// The voltage as NeuronIO's targets have it: cut at -55 mV, so that spikes do not count, then `(V + 67.7) / 10`.
  public static func target(ofVoltage voltage: Float) -> Float { (min(voltage, -55) + 67.7) / 10 }

  /// The voltage in mV that a target stands for.
  public static func voltage(ofTarget target: Double) -> Double { target * 10 - 67.7 }

  /// Stretches that begin at given steps of given recordings.
  ///
  /// - Throws: `CajalError` when one ends behind its recording.
  public func windows(_ places: [(recording: Int, start: Int)], of length: Int) throws -> Windows {
    if let wrong = places.first(where: {
      !recordings.indices.contains($0.recording) || $0.start < 0
        || $0.start + length > recordings[$0.recording].steps
    }) {
      throw CajalError(
        "\(name): no \(length) steps from \(wrong.start) on in recording \(wrong.recording) of \(count)")
    }
    var (starts, indices, values): ([Int32], [Int32], [Float]) = ([0], [], [])
    var spikes = [Float](repeating: 0, count: length * places.count)
    var voltage = spikes
    for (b, place) in places.enumerated() {
      let one = recordings[place.recording]
      let (first, base) = (one.events.starts[place.start], Int32(indices.count))
      let range = Int(first)..<Int(one.events.starts[place.start + length])
      indices += one.events.indices[range]
      values += one.events.values[range]
      for t in 0..<length {
        starts.append(base + one.events.starts[place.start + t + 1] - first)
        spikes[t * places.count + b] = one.spikes[place.start + t] ? 1 : 0
        voltage[t * places.count + b] = Self.target(ofVoltage: one.voltage[place.start + t])
      }
    }
    return Windows(
      events: SynapticEvents(unchecked: length, places.count, inputs, starts, indices, values),
      spikes: Tensor(spikes, shape: [length, places.count]),
      voltage: Tensor(voltage, shape: [length, places.count]))
  }

  /// Stretches of recordings drawn at random, with replacement.
  ///
  /// - Parameter ignored: Steps at the start of a recording, before its neuron has settled.
  /// - Throws: `CajalError` when a recording is shorter than both together.
  public func windows(
    _ batch: Int, of length: Int, ignoring ignored: Int = 0, using generator: inout RandomGenerator
  ) throws -> Windows {
    if let short = recordings.firstIndex(where: { $0.steps < ignored + length }) {
      throw CajalError(
        "\(name): recording \(short) has \(recordings[short].steps) steps, expected at least \(ignored) + \(length)"
      )
    }
    return try windows(
      (0..<batch).map { _ in
        let recording = generator.integer(below: count)
        return (
          recording, ignored + generator.integer(below: recordings[recording].steps - ignored - length + 1)
        )
      }, of: length)
  }
}
