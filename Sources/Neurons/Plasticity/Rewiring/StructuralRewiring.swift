import Support
import Tensors

/// Structural plasticity: synapses are taken away and as many grow elsewhere.
///
/// ```swift
/// let rewiring = StructuralRewiring(pruning: .below(0.05), regrowth: .sameTarget, initialWeight: 0.1)
/// let new = rewiring.rewired(connectivity, weights, using: &generator)
/// ```
public struct StructuralRewiring: Sendable, Equatable {
  /// Which synapses go.
  public enum Pruning: Sendable, Equatable {
    /// Those whose weight, without its sign, is below.
    case below(Double)
    /// This share of all, those with the weakest weights (Mocanu et al., 2018). Of equal ones the earlier go.
    case weakest(Double)
    /// Each with this probability.
    case random(Double)
  }
  /// Where new ones grow; always where there is none, each free place with the same chance.
  public enum Regrowth: Sendable, Equatable {
    case anywhere
    /// At the source that lost one: numbers of outgoing synapses stay.
    case sameSource
    /// At the target that lost one: numbers of incoming synapses stay.
    case sameTarget
  }
  public let pruning: Pruning
  public let regrowth: Regrowth
  public let initialWeight: Double
  /// Whether a neuron of a recurrent population may grow a synapse onto itself.
  public let toSelf: Bool

  public init(
    pruning: Pruning, regrowth: Regrowth = .anywhere, initialWeight: Double = 0, toSelf: Bool = true
  ) {
    switch pruning {
    case .below(let threshold): precondition(threshold >= 0, "a threshold of \(threshold)")
    case .weakest(let share), .random(let share):
      precondition((0...1).contains(share), "a share of \(share)")
    }
    (self.pruning, self.regrowth) = (pruning, regrowth)
    (self.initialWeight, self.toSelf) = (initialWeight, toSelf)
  }

  /// What a rewiring gives.
  public struct Outcome<Weight: BinaryFloatingPoint & Sendable>: Sendable {
    public let connectivity: Connectivity
    /// In the new order of synapses.
    public let weights: [Weight]
    /// Of each new synapse the index it had before, nil where it is new: for delays, traces and other state.
    public let origin: [Int?]
    /// How many synapses went.
    public let pruned: Int
  }

  /// Takes synapses away and grows as many; a place that was just freed is a free place too.
  /// - Precondition: Without `toSelf` no neuron has a synapse onto itself.
  public func rewired<Weight: BinaryFloatingPoint & Sendable>(
    _ connectivity: Connectivity, _ weights: [Weight], using generator: inout RandomGenerator
  ) -> Outcome<Weight> {
    precondition(
      weights.count == connectivity.count, "\(weights.count) weights for \(connectivity.count) synapses")
    let goes = pruned(weights, using: &generator)
    var kept: [[Int: Int]] = []
    var lost = (
      bySource: [Int](repeating: 0, count: connectivity.sources),
      byTarget: [Int](repeating: 0, count: connectivity.targets)
    )
    for source in 0..<connectivity.sources {
      var row: [Int: Int] = [:]
      for synapse in connectivity.synapses(of: source) {
        let target = Int(connectivity.target[synapse])
        if goes[synapse] {
          lost.bySource[source] += 1
          lost.byTarget[target] += 1
        } else {
          row[target] = synapse
        }
      }
      kept.append(row)
    }
    let rows = regrown(
      kept.map { $0.keys.sorted() }, connectivity.targets, lost.bySource, lost.byTarget, using: &generator)
    let new = Connectivity(targets: connectivity.targets, reached: rows)
    let origin = (0..<new.sources).flatMap { source in new[source].map { kept[source][$0] } }
    return Outcome(
      connectivity: new, weights: origin.map { $0.map { weights[$0] } ?? Weight(initialWeight) },
      origin: origin, pruned: lost.bySource.reduce(0, +))
  }

  /// The same on a mask `[out, in]` of 0 and 1 and weights `[out, in]`, for training code.
  public func rewired(mask: Tensor, weight: Tensor, using generator: inout RandomGenerator) -> (
    mask: Tensor, weight: Tensor
  ) {
    precondition(
      mask.rank == 2 && mask.shape == weight.shape, "a mask of \(mask.shape) for weights \(weight.shape)")
    let old = Connectivity(mask: mask)
    let all = weight.doubles
    let inputs = mask.size(1)
    func place(_ c: Connectivity, _ source: Int, _ synapse: Int) -> Int {
      Int(c.target[synapse]) * inputs + source
    }
    let weights = (0..<old.sources).flatMap { source in
      old.synapses(of: source).map { all[place(old, source, $0)] }
    }
    let outcome = rewired(old, weights, using: &generator)
    var dense = [Double](repeating: 0, count: all.count)
    let new = outcome.connectivity
    for source in 0..<new.sources {
      for synapse in new.synapses(of: source) {
        dense[place(new, source, synapse)] = outcome.weights[synapse]
      }
    }
    return (
      new.mask.to(mask.elementType), Tensor(dense, shape: weight.shape, as: weight.elementType)
    )
  }

  private func pruned<Weight: BinaryFloatingPoint>(
    _ weights: [Weight], using generator: inout RandomGenerator
  ) -> [Bool] {
    switch pruning {
    case .below(let threshold): return weights.map { Double(abs($0)) < threshold }
    case .random(let probability): return weights.map { _ in generator.uniform() < probability }
    case .weakest(let share):
      let count = Int((Double(weights.count) * share).rounded())
      let order = weights.indices.sorted { a, b in
        (abs(weights[a]), a) < (abs(weights[b]), b)
      }
      var goes = [Bool](repeating: false, count: weights.count)
      for synapse in order.prefix(count) { goes[synapse] = true }
      return goes
    }
  }

  /// Rows of targets with new ones among them.
  private func regrown(
    _ rows: [[Int]], _ targets: Int, _ bySource: [Int], _ byTarget: [Int],
    using generator: inout RandomGenerator
  ) -> [[Int]] {
    switch regrowth {
    case .anywhere:
      let free = FreePlaces(rows, columns: targets, toSelf: toSelf)
      return free.filled(bySource.reduce(0, +), using: &generator)
    case .sameSource:
      return FreePlaces(rows, columns: targets, toSelf: toSelf).filled(bySource, using: &generator)
    case .sameTarget:
      var columns = [[Int]](repeating: [], count: targets)
      for (source, row) in rows.enumerated() { for target in row { columns[target].append(source) } }
      let filled = FreePlaces(columns, columns: rows.count, toSelf: toSelf).filled(
        byTarget, using: &generator)
      var new = [[Int]](repeating: [], count: rows.count)
      for (target, column) in filled.enumerated() { for source in column { new[source].append(target) } }
      return new
    }
  }
}

/// The places of a table that are not taken, counted along its rows without ever being listed.
private struct FreePlaces {
  /// Taken places of each row, ascending.
  let rows: [[Int]]
  let columns: Int
  let toSelf: Bool

  init(_ rows: [[Int]], columns: Int, toSelf: Bool) {
    (self.rows, self.columns, self.toSelf) = (rows, columns, toSelf)
    precondition(
      toSelf || (rows.count == columns && zip(0..., rows).allSatisfy { !$1.contains($0) }),
      "neurons have synapses onto themselves, or \(rows.count) sources and \(columns) targets are not one population"
    )
  }

  /// Places that cannot be filled, ascending.
  private func closed(_ row: Int) -> [Int] { toSelf ? rows[row] : (rows[row] + [row]).sorted() }

  /// The rows with places at these ranks among the free ones of each row.
  private func filled(ranks: [[Int]]) -> [[Int]] {
    rows.indices.map { row in
      guard !ranks[row].isEmpty else { return rows[row] }
      let closed = closed(row)
      var (next, new) = (0, [Int]())
      for rank in ranks[row] {
        // As many closed places lie before the place as have been passed by.
        while next < closed.count, closed[next] <= rank + next { next += 1 }
        new.append(rank + next)
      }
      return (rows[row] + new).sorted()
    }
  }

  /// `counts[r]` more places in each row.
  func filled(_ counts: [Int], using generator: inout RandomGenerator) -> [[Int]] {
    let ranks = rows.indices.map { row in
      counts[row] == 0 ? [] : generator.subset(counts[row], of: columns - closed(row).count)
    }
    return filled(ranks: ranks)
  }

  /// `count` more places anywhere.
  func filled(_ count: Int, using generator: inout RandomGenerator) -> [[Int]] {
    let free = rows.indices.map { columns - closed($0).count }
    let chosen = generator.subset(count, of: free.reduce(0, +))
    var (ranks, row, before) = ([[Int]](repeating: [], count: rows.count), 0, 0)
    for rank in chosen {
      while rank - before >= free[row] {
        before += free[row]
        row += 1
      }
      ranks[row].append(rank - before)
    }
    return filled(ranks: ranks)
  }
}

extension Connectivity {
  /// A synapse where a mask `[targets, sources]` is not zero.
  public init(mask: Tensor) {
    precondition(mask.rank == 2, "a mask [targets, sources] is needed, not \(mask.shape)")
    let (targets, sources) = (mask.size(0), mask.size(1))
    let values = mask.floats
    self.init(
      targets: targets,
      reached: (0..<sources).map { s in (0..<targets).filter { values[$0 * sources + s] != 0 } })
  }
}
