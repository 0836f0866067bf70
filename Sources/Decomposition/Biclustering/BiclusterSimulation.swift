import Foundation
import Support

/// A population with planted groups and states: the generator of the published simulation.
///
/// Two states take turns, for periods of Poisson length. In one all trajectories decay at once (`A = 0.01 I`); in the
/// other each group's turn slowly about an axis of its own and grow (1.01 times a rotation by π/20).
public struct BiclusterSimulation: Sendable {
  public struct Options: Sendable, Equatable {
    public var groups = 3
    public var neuronsPerGroup = 10
    public var bins = 500
    public var factors = 2
    /// Dispersion of the counts; infinite for Poisson's.
    public var dispersion = 10.0
    /// Mean length of a state's period in bins; each state's own is drawn from a gamma distribution of shape 100.
    public var period = 50.0
    /// What the common offset of a group is multiplied by: below 1 only loadings tell groups apart.
    public var offsetScale = 1.0
    public init() {}
  }

  public let options: Options
  /// The group of each neuron.
  public let labels: [Int]
  /// The state of the step out of each bin.
  public let states: [Int]
  /// (m, x) of all groups, centred in time: `[K (p + 1)][T]`.
  public let trajectories: [[Double]]
  /// With the means that centring took from the trajectories.
  public let baselines: [Double]
  /// `[N][p]`.
  public let loadings: [[Double]]
  /// `[N][T]`.
  public let counts: [[Int]]

  public init(_ options: Options = .init(), using generator: inout RandomGenerator) {
    self.options = options
    let (groups, p, bins) = (options.groups, options.factors, options.bins)
    let neurons = groups * options.neuronsPerGroup
    labels = (0..<neurons).map { $0 / options.neuronsPerGroup }
    var baselines = (0..<neurons).map { _ in 0.5 * generator.normal() }
    let loadings = (0..<neurons).map { _ in (0..<p).map { _ in 0.5 * generator.normal() } }
    let rotations = (0..<groups).map { _ in
      Self.rotation(p + 1, angle: .pi / 20, &generator).map { $0.map { 1.01 * $0 } }
    }
    let sequence = Self.periods(2 * bins, mean: options.period, &generator)
    var paths = Self.paths(sequence, rotations, p + 1, &generator).map { Array($0.suffix(bins)) }
    for row in paths.indices {
      let scale = row % (p + 1) == 0 ? options.offsetScale : 1
      let mean = paths[row].reduce(0, +) / Double(bins)
      paths[row] = paths[row].map { scale * ($0 - mean) }
      for neuron in 0..<neurons where labels[neuron] == row / (p + 1) {
        let factor = row % (p + 1)
        baselines[neuron] += scale * mean * (factor == 0 ? 1 : loadings[neuron][factor - 1])
      }
    }
    states = Array(sequence.suffix(bins))
    (trajectories, self.baselines, self.loadings) = (paths, baselines, loadings)
    var counts: [[Int]] = []
    for neuron in 0..<neurons {
      let start = labels[neuron] * (p + 1)
      counts.append(
        (0..<bins).map { bin in
          var linear = baselines[neuron] + paths[start][bin]
          for j in 0..<p { linear += loadings[neuron][j] * paths[start + 1 + j][bin] }
          return options.dispersion.isFinite
            ? generator.negativeBinomial(mean: exp(linear), dispersion: options.dispersion)
            : generator.poisson(exp(linear))
        })
    }
    self.counts = counts
  }

  /// Alternating states with Poisson lengths.
  private static func periods(_ length: Int, mean: Double, _ generator: inout RandomGenerator) -> [Int] {
    let means = (0..<2).map { _ in generator.gamma(100) / 100 * mean }
    var states: [Int] = []
    var state = generator.integer(below: 2)
    while states.count < length {
      states += [Int](repeating: state, count: max(1, generator.poisson(means[state])))
      state = 1 - state
    }
    return Array(states.prefix(length))
  }

  private static func paths(
    _ states: [Int], _ rotations: [[[Double]]], _ q: Int, _ generator: inout RandomGenerator
  ) -> [[Double]] {
    let size = rotations.count * q
    var paths = [[Double]](repeating: [], count: size)
    var x = (0..<size).map { _ in 0.1 * generator.normal() }
    for state in states {
      for row in 0..<size { paths[row].append(x[row]) }
      x = (0..<size).map { row in
        let (group, place) = (row / q, row % q)
        let moved =
          state == 0
          ? 0.01 * x[row] : (0..<q).reduce(0) { $0 + rotations[group][place][$1] * x[group * q + $1] }
        return moved + 0.1 * generator.normal()
      }
    }
    return paths
  }

  /// A rotation in a random plane of `size` dimensions.
  private static func rotation(_ size: Int, angle: Double, _ generator: inout RandomGenerator) -> [[Double]] {
    // Two random directions, made orthonormal.
    var (u, v) = ((0..<size).map { _ in generator.normal() }, (0..<size).map { _ in generator.normal() })
    func normalise(_ a: inout [Double]) {
      let length = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
      a = a.map { $0 / length }
    }
    normalise(&u)
    let shared = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
    v = zip(v, u).map { $0 - shared * $1 }
    normalise(&v)
    return (0..<size).map { i in
      (0..<size).map { j in
        let inPlane = u[i] * u[j] + v[i] * v[j]
        let across = v[i] * u[j] - u[i] * v[j]
        return (i == j ? 1 : 0) + (cos(angle) - 1) * inPlane + sin(angle) * across
      }
    }
  }
}
