import Support

/// Variables of some neurons, kept every so many steps.
final class TraceStore<Scalar: SimulationScalar>: @unchecked Sendable {
  let recorder: TraceRecorder
  /// Of this rank, in the order asked for.
  let neurons: [Int]
  private let steps: Int
  private let offset: Int
  private let variables: [UnsafeMutablePointer<Scalar>]
  private let parts: [Part]

  /// What one partition keeps.
  private final class Part {
    /// Which of ``neurons`` belong to it.
    let places: [Int]
    /// By variable: time after time.
    var values: [[Float]]
    init(_ places: [Int], variables: Int) {
      self.places = places
      values = [[Float]](repeating: [], count: variables)
    }
  }

  init(_ recorder: TraceRecorder, _ population: EnginePopulation<Scalar>, step: Double) throws {
    self.recorder = recorder
    let names = population.description.neuronType!.variables
    variables = recorder.variables.map { name in population.variables[names.firstIndex(of: name)!] }
    let bounds = population.bounds
    let range = bounds[0]..<bounds[bounds.count - 1]
    let neurons = (recorder.neurons ?? Array(0..<population.description.handle.count)).filter(range.contains)
    self.neurons = neurons
    parts = bounds.indices.dropLast().map { p in
      Part(
        neurons.indices.filter { (bounds[p]..<bounds[p + 1]).contains(neurons[$0]) },
        variables: recorder.variables.count)
    }
    offset = bounds[0]
    steps = Int((recorder.interval / step).rounded())
  }

  /// Called by every partition at the end of a step.
  @inline(__always)
  func keep(_ partition: Int, _ now: Int) {
    guard (now + 1) % steps == 0 else { return }
    let part = parts[partition]
    for v in variables.indices {
      for place in part.places { part.values[v].append(Float(variables[v][neurons[place] - offset])) }
    }
  }

  /// The series of a variable, time after time, neuron by neuron `[S, N]`, and the number of times.
  func series(_ variable: Int) -> (values: [Float], times: Int) {
    let times = parts.map { $0.places.isEmpty ? 0 : $0.values[variable].count / $0.places.count }.max() ?? 0
    var all = [Float](repeating: 0, count: times * neurons.count)
    for part in parts where !part.places.isEmpty {
      let values = part.values[variable]
      for time in 0..<times {
        for (k, place) in part.places.enumerated() {
          all[time * neurons.count + place] = values[time * part.places.count + k]
        }
      }
    }
    return (all, times)
  }
}
