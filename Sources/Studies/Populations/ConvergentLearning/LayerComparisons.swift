import Alignment
import Figures
import Statistics
import StudyCore
import Support
import Tensors

/// One layer of two networks, with its controls.
struct PairComparison: Sendable {
  /// Of units that do change.
  let correlations: PopulationCorrelations
  /// Which units of either network these are.
  let firstUnits, secondUnits: [Int]
  /// The mean activity of these units.
  let firstMeans, secondMeans: [Double]
  let nearest, oneToOne: UnitMatching
  /// The mean correlation of the best one-to-one pairs with an untrained network, and with shuffled samples.
  let untrained, shuffled: Double
  /// The same along randomly rotated axes.
  let rotated: Spread

  init(
    _ a: Tensor, _ b: Tensor, untrained: Tensor, rotations: Int, using generator: inout RandomGenerator
  ) throws {
    let moments = try JointMoments(a, b)
    let all = moments.correlations()
    let correlations = all.active
    self.correlations = correlations
    (firstUnits, secondUnits) = (all.activeFirst, all.activeSecond)
    firstMeans = firstUnits.map { moments.means[$0] }
    secondMeans = secondUnits.map { moments.means[$0 + moments.first] }
    guard !firstUnits.isEmpty, !secondUnits.isEmpty else {
      throw CajalError("all units of a layer are silent on the probe images: train it less fast")
    }
    nearest = .nearest(correlations.between)
    oneToOne = .oneToOne(correlations.between)
    self.untrained = try Self.matched(a, untrained)
    let order = Tensor(generator.permutation(b.size(0)))
    shuffled = try Self.matched(a, b.selected(order, axis: 0))
    rotated = Spread(
      (0..<rotations).map { _ in
        UnitMatching.oneToOne(correlations.rotated(using: &generator).between).mean
      })
  }

  private static func matched(_ a: Tensor, _ b: Tensor) throws -> Double {
    UnitMatching.oneToOne(try JointMoments(a, b).correlations().active.between).mean
  }
}

/// Every layer of every pair of networks.
struct LayerComparisons: Sendable {
  let pairs: [(first: Int, second: Int)]
  let networks: [TwinBench.Network]
  /// By layer, then pair.
  let byLayer: [String: [PairComparison]]

  static var layers: [String] { SmallConvolutionalNetwork.layers }

  init(bench: TwinBench, twins: (trained: [TwinBench.Network], untrained: [TwinBench.Network])) throws {
    networks = twins.trained
    let count = networks.count
    let pairs = (0..<count).flatMap { a in (a + 1..<count).map { (first: a, second: $0) } }
    let (trained, untrained) = twins
    var found: [String: [PairComparison]] = [:]
    for (index, layer) in Self.layers.enumerated() {
      try bench.lab.progress("comparing \(layer)", index, of: Self.layers.count, unit: "layers")
      var generator = bench.lab.generator("controls.\(layer)")
      found[layer] = try pairs.map { pair in
        try PairComparison(
          trained[pair.first].activity[layer]!, trained[pair.second].activity[layer]!,
          untrained: untrained[pair.second].activity[layer]!, rotations: bench.options.rotations,
          using: &generator)
      }
    }
    (self.pairs, byLayer) = (pairs, found)
  }

  /// Networks below this accuracy have not learnt enough for the claims on what they learn.
  private static let leastAccuracy = 0.8

  /// Why the claims cannot be decided, if so.
  var obstacle: String? {
    let accuracy = Spread(networks.map(\.accuracy))
    guard accuracy.mean < Self.leastAccuracy else { return nil }
    return
      "the networks reach an accuracy of \(accuracy.percentAndDeviation) in so little training; at least 80 % are asked for"
  }

  /// A number of every pair at a layer.
  func over(_ layer: String, _ value: (PairComparison) -> Double) -> [Double] { byLayer[layer]!.map(value) }

  /// The same with mean and spread over pairs.
  func spread(_ layer: String, _ value: (PairComparison) -> Double) -> Spread { Spread(over(layer, value)) }

  /// Positions of the layers on an axis, with their names.
  static var ticks: [(position: Double, label: String)] {
    layers.enumerated().map { (Double($0.offset) + 1, $0.element) }
  }

  /// A curve over layers with the spread over pairs as error bars.
  func add(
    _ style: Plot.Series.Style, _ label: String, to plot: inout Plot, _ value: (PairComparison) -> Double
  ) {
    let spreads = Self.layers.map { spread($0, value) }
    plot.add(
      style, label, x: Self.ticks.map(\.position), y: spreads.map(\.mean), error: spreads.map(\.deviation))
  }
}
