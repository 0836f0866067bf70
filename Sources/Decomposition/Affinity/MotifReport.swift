import Foundation
import Support

/// What there is to say about a motif: when it is active, in which animals, in which neurons, and how it goes with stimuli.
public struct MotifReport: Sendable, Equatable {
  /// A stimulus, or any stretch of time that one asks about.
  public struct Window: Sendable, Equatable {
    public var name: String
    /// Seconds.
    public var range: ClosedRange<Double>

    public init(_ name: String, _ range: ClosedRange<Double>) {
      self.name = name
      self.range = range
    }
  }

  /// The component's position in the decomposition.
  public let component: Int
  /// Where the time course peaks, in seconds, the highest first; peaks of at least half the highest.
  public let peaks: [Double]
  /// (mean inside - mean outside) / (their sum), by window: 1 for a motif of that window alone. Not a number where the window holds
  /// no bin of time, or all.
  public let overlap: [Double]
  /// Weights of the animals, the largest 1.
  public let animals: [Double]
  /// 1 / Σ w⁴ of the weights at unit length: in how many animals the motif is, as if all were alike.
  public let participation: Double
  /// The pairs of the largest affinity, descending.
  public let pairs: [(a: Int, b: Int, affinity: Double)]
  /// The neurons of the largest sum of affinities, descending: the hubs.
  public let neurons: [(neuron: Int, strength: Double)]

  /// - Parameters:
  ///   - factors: Time, animals, pairs.
  ///   - times: The middle of every bin, in seconds.
  ///   - count: How many pairs and neurons to list.
  public init(
    _ factors: CPFactors, component: Int, times: [Double], pairs: NeuronPairs, windows: [Window] = [],
    count: Int = 10
  ) {
    precondition(
      factors.shape.count == 3 && factors.shape[0] == times.count && factors.shape[2] == pairs.count,
      "factors of the shape \(factors.shape) for \(times.count) times and \(pairs.count) pairs")
    self.component = component
    let course = factors.column(axis: 0, component: component)
    let weights = factors.column(axis: 1, component: component)
    let affinities = factors.column(axis: 2, component: component)
    peaks = Self.peaks(course).map { times[$0] }
    overlap = windows.map { Self.overlap(course, times, $0.range) }
    let largest = weights.max() ?? 0
    animals = weights.map { largest > 0 ? $0 / largest : 0 }
    let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
    participation = length > 0 ? 1 / weights.reduce(0) { $0 + pow($1 / length, 4) } : .nan
    let order = affinities.indices.sorted { (affinities[$0], $1) > (affinities[$1], $0) }
    let all = pairs.all
    self.pairs = order.prefix(count).map { (all[$0].0, all[$0].1, affinities[$0]) }
    let strengths = Self.strengths(affinities, pairs)
    neurons = strengths.indices.sorted { (strengths[$0], $1) > (strengths[$1], $0) }
      .prefix(count).map { ($0, strengths[$0]) }
  }

  /// The sum of the affinities of each neuron's pairs.
  public static func strengths(_ affinities: [Double], _ pairs: NeuronPairs) -> [Double] {
    var strengths = [Double](repeating: 0, count: pairs.neurons)
    for (pair, affinity) in zip(pairs.all, affinities) {
      strengths[pair.0] += affinity
      strengths[pair.1] += affinity
    }
    return strengths
  }

  /// Each neuron's sum of affinities with neurons of its own community.
  public static func hubs(_ affinities: [Double], _ pairs: NeuronPairs, labels: [Int]) -> [Double] {
    precondition(labels.count == pairs.neurons, "\(labels.count) labels for \(pairs.neurons) neurons")
    return strengths(
      zip(pairs.all, affinities).map { labels[$0.0] == labels[$0.1] ? $1 : 0 }, pairs)
  }

  private static func overlap(_ course: [Double], _ times: [Double], _ range: ClosedRange<Double>) -> Double {
    let inside = course.indices.filter { range.contains(times[$0]) }
    guard !inside.isEmpty, inside.count < course.count else { return .nan }
    let within = inside.reduce(0) { $0 + course[$1] }
    let outer = (course.reduce(0, +) - within) / Double(course.count - inside.count)
    let inner = within / Double(inside.count)
    return inner + outer > 0 ? (inner - outer) / (inner + outer) : .nan
  }

  private static func peaks(_ course: [Double]) -> [Int] {
    let limit = (course.max() ?? 0) / 2
    let peaks = course.indices.filter { index in
      let before = index > 0 ? course[index - 1] : -.infinity
      let after = index + 1 < course.count ? course[index + 1] : -.infinity
      return course[index] >= limit && course[index] > before && course[index] >= after
    }
    return peaks.sorted { (course[$0], $1) > (course[$1], $0) }
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.component == b.component && a.peaks == b.peaks && a.animals == b.animals
      && a.pairs.elementsEqual(b.pairs, by: ==) && a.neurons.elementsEqual(b.neurons, by: ==)
      && a.overlap.elementsEqual(b.overlap) { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }
}
