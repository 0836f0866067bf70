import Foundation
import Recordings
import Support
import Tensors

/// The same named neurons in several animals, on one clock: what affinities are made from.
///
/// ```swift
/// let worms = try NamedPopulation(recordings, step: 0.6, leastAnimals: 4)
/// let affinity = DifferentialAffinity(samplingRate: worms.samplingRate)
/// let reversals = worms.samples(of: recordings.map { $0.epochs["reversal"]?.starts ?? [] })
/// let tensor = try AffinityTensor(worms.traces.map(affinity.changes), around: reversals, window: -10...20)
/// ```
public struct NamedPopulation: Sendable {
  /// What errors and figures call the animals.
  public let animals: [String]
  /// The neurons, in alphabetical order.
  public let names: [String]
  /// Samples a second.
  public let samplingRate: Double
  /// `[W][N]` traces, nil for neurons that an animal lacks.
  public let traces: [[[Double]?]]
  private let starts: [Double]

  /// - Parameters:
  ///   - recordings: One an animal, with times and names of the neurons. Neurons of the same name are the same neuron; names
  ///     that are numbers or hold a question mark name none.
  ///   - step: Seconds between the samples of the common clock.
  ///   - leastAnimals: In how many animals a neuron must be found.
  /// - Throws: `CajalError` naming a recording without times or names, or when fewer than two neurons are left.
  public init(_ recordings: [Recording], step: Double, leastAnimals: Int = 1) throws {
    precondition(step > 0 && leastAnimals > 0, "step \(step) s, \(leastAnimals) animals")
    var columns: [[String: Int]] = []
    for recording in recordings {
      guard let names = recording.neurons.names else {
        throw CajalError("\(recording.name) does not name its neurons")
      }
      columns.append(
        Dictionary(
          names.enumerated().filter { Self.isName($0.element) }.map { ($0.element, $0.offset) },
          uniquingKeysWith: { first, _ in first }))
    }
    let counts = columns.flatMap(\.keys).reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    let names = counts.keys.filter { counts[$0]! >= leastAnimals }.sorted()
    guard names.count > 1 else {
      throw CajalError(
        "\(names.count) of \(counts.count) named neurons are found in at least \(leastAnimals) of \(recordings.count) animals, expected two or more"
      )
    }
    self.names = names
    animals = recordings.map(\.name)
    samplingRate = 1 / step
    starts = try recordings.map { try $0.requiredTime(for: "a population of named neurons")[0] }
    traces = try zip(recordings, columns).map { recording, columns in
      let even = try recording.resampled(step: step)
      let (rows, width) = (even.sampleCount, even.neuronCount)
      let values = even.activity.to(.float64).contiguous().doubles
      return names.map { name in
        columns[name].map { column in (0..<rows).map { values[$0 * width + column] } }
      }
    }
  }

  /// The nearest samples to times of the recordings, by animal.
  public func samples(of times: [[Double]]) -> [[Int]] {
    precondition(times.count == starts.count, "times of \(times.count) animals for \(starts.count)")
    return zip(times, starts).map { own, start in own.map { Int((($0 - start) * samplingRate).rounded()) } }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.contains("?") && text.contains { $0.isLetter }
  }
}
