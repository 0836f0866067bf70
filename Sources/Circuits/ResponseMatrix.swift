import Recordings
import Support
import Tensors

/// Mean rates of neurons to stimuli: a tuning curve a row.
public struct ResponseMatrix: Sendable, Equatable {
  public let neurons: Int
  public let stimuli: Int
  /// `[N · S]`, neuron after neuron.
  public var values: [Double]

  /// - Parameter values: `[N · S]`, neuron after neuron.
  public init(neurons: Int, stimuli: Int, values: [Double]) {
    precondition(
      neurons > 0 && stimuli > 0 && values.count == neurons * stimuli,
      "\(values.count) responses of \(neurons) neurons to \(stimuli) stimuli")
    (self.neurons, self.stimuli, self.values) = (neurons, stimuli, values)
  }

  /// Rows of numbers, one a neuron.
  ///
  /// - Throws: `CajalError` when rows differ in length, none is there, or a number is not finite.
  public init(rows: [[Double]]) throws {
    let width = rows.first?.count ?? 0
    guard width > 0 else { throw CajalError("responses should have a row for each neuron; there are none") }
    if let wrong = rows.firstIndex(where: { $0.count != width || !$0.allSatisfy(\.isFinite) }) {
      throw CajalError(
        "responses of neuron \(wrong) should be \(width) finite numbers, as of the first; they are \(rows[wrong].prefix(8)) …"
      )
    }
    self.init(neurons: rows.count, stimuli: width, values: rows.flatMap { $0 })
  }

  /// The response of each neuron to each stimulus.
  public init(neurons: Int, stimuli: Int, _ response: (_ neuron: Int, _ stimulus: Int) -> Double) {
    self.init(
      neurons: neurons, stimuli: stimuli,
      values: (0..<neurons).flatMap { i in (0..<stimuli).map { response(i, $0) } })
  }

  /// The mean activity of each neuron over the samples that share a label: a recording's tuning.
  ///
  /// - Parameters:
  ///   - recording: `[T, N]`.
  ///   - stimuli: `[T]`: which stimulus each sample saw, counted from 0.
  /// - Throws: `CajalError` when there are not as many labels as samples, or a stimulus was never shown.
  public init(_ recording: Recording, stimuli labels: [Int]) throws {
    let activity = recording.activity
    let (samples, neurons) = (activity.size(0), activity.size(1))
    guard labels.count == samples, let last = labels.max(), labels.min()! >= 0 else {
      throw CajalError(
        "\(labels.count) labels of stimuli for \(samples) samples, expected one each, from 0 up")
    }
    var (sums, counts) = (
      [Double](repeating: 0, count: neurons * (last + 1)), [Int](repeating: 0, count: last + 1)
    )
    let numbers = activity.to(.float64).doubles
    for (sample, label) in labels.enumerated() {
      counts[label] += 1
      for i in 0..<neurons { sums[i * (last + 1) + label] += numbers[sample * neurons + i] }
    }
    if let missing = counts.firstIndex(of: 0) { throw CajalError("stimulus \(missing) has no sample") }
    self.init(neurons: neurons, stimuli: last + 1) { sums[$0 * (last + 1) + $1] / Double(counts[$1]) }
  }

  public subscript(neuron: Int, stimulus: Int) -> Double { values[neuron * stimuli + stimulus] }

  /// The tuning curve of a neuron `[S]`.
  public func curve(_ neuron: Int) -> [Double] { Array(values[neuron * stimuli..<(neuron + 1) * stimuli]) }

  /// The response of the population to a stimulus `[N]`.
  public func pattern(_ stimulus: Int) -> [Double] { (0..<neurons).map { self[$0, stimulus] } }

  /// The mean of each neuron `[N]` when stimuli come with these probabilities `[S]`.
  public func means(under probabilities: [Double]) -> [Double] {
    precondition(probabilities.count == stimuli, "\(probabilities.count) probabilities of \(stimuli) stimuli")
    return (0..<neurons).map { i in (0..<stimuli).reduce(0) { $0 + probabilities[$1] * self[i, $1] } }
  }

  /// The covariance of neurons `[N · N]` over stimuli that come with these probabilities.
  public func covariance(under probabilities: [Double]) -> [Double] {
    let means = means(under: probabilities)
    var result = [Double](repeating: 0, count: neurons * neurons)
    for i in 0..<neurons {
      for j in 0...i {
        var sum = 0.0
        for s in 0..<stimuli { sum += probabilities[s] * (self[i, s] - means[i]) * (self[j, s] - means[j]) }
        (result[i * neurons + j], result[j * neurons + i]) = (sum, sum)
      }
    }
    return result
  }

  /// Each neuron's responses multiplied by its factor `[N]`.
  public func scaled(by factors: [Double]) -> ResponseMatrix {
    precondition(factors.count == neurons, "\(factors.count) factors for \(neurons) neurons")
    return ResponseMatrix(neurons: neurons, stimuli: stimuli) { factors[$0] * self[$0, $1] }
  }

  /// `[N, S]`
  public var tensor: Tensor { Tensor(values, shape: [neurons, stimuli]) }
}
