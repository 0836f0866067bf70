import Foundation
import Statistics
import Support
import Tensors

/// What wiring tells about how neurons answer each other, or go together.
public struct StructureFunction: Sendable {
  /// N names.
  public let neurons: [String]
  /// How strongly the neuron of each column acts on that of each row, `[N · N]`; not a number where it was not measured.
  public let effect: [Double]
  /// Whether it does so beyond chance, where this is known.
  public let isSignificant: [Bool]?

  /// - Parameters:
  ///   - effect: Row: who answers. Column: who was activated. `[N · N]`
  public init(neurons: [String], effect: [Double], isSignificant: [Bool]? = nil) {
    precondition(effect.count == neurons.count * neurons.count, "\(effect.count) effects of \(neurons.count) neurons")
    (self.neurons, self.effect, self.isSignificant) = (neurons, effect, isSignificant)
  }

  /// The size of the answers, with those beyond chance at a false discovery rate.
  public init(_ atlas: WormAtlas, rate: Double = 0.05) {
    self.init(
      neurons: atlas.neurons, effect: atlas.response.map(abs),
      isSignificant: atlas.q.map { $0 < rate })
  }

  /// Functional connectivity, the same both ways.
  public init(_ connectivity: FunctionalConnectivity, minWorms: Int = 3) {
    self.init(
      neurons: connectivity.neurons,
      effect: zip(connectivity.correlation, connectivity.worms).map { $1 >= minWorms ? $0 : .nan })
  }

  /// Pairs that were measured, at a distance in the wiring.
  public struct Distance: Sendable, Equatable {
    public let hops: Int
    public let pairs: Int
    public let meanEffect: Double
    /// Of the mean.
    public let standardError: Double
    /// The share of pairs beyond chance; not a number where this is not known.
    public let significantShare: Double
  }

  /// By the number of connections from the activated neuron to the one that answers.
  public func byDistance(_ connectome: Connectome, upTo most: Int = 4) -> [Distance] {
    let hops = connectome.arranged(neurons).hops()
    let count = neurons.count
    var groups: [Int: [(effect: Double, isSignificant: Bool)]] = [:]
    for row in 0..<count {
      for column in 0..<count where row != column && !effect[row * count + column].isNaN {
        let distance = hops[column * count + row]
        guard distance > 0, distance <= most else { continue }
        let index = row * count + column
        groups[distance, default: []].append((effect[index], isSignificant?[index] ?? false))
      }
    }
    return groups.keys.sorted().map { distance in
      let group = groups[distance]!
      let spread = Spread(group.map(\.effect))
      return Distance(
        hops: distance, pairs: group.count, meanEffect: spread.mean, standardError: spread.standardError,
        significantShare: isSignificant == nil
          ? .nan : Double(group.count { $0.isSignificant }) / Double(group.count))
    }
  }

  /// How the weight of the direct connection (chemical synapses to the answering neuron, and gap junctions) tells effects.
  public struct DirectWeight: Sendable, Equatable {
    /// The chance that a pair beyond chance has the greater weight than one that is not.
    public let areaUnderROC: Double
    /// Spearman's correlation of weight and effect.
    public let spearman: Double
    public let pairs: Int
  }

  public func directWeight(_ connectome: Connectome) throws -> DirectWeight {
    let weights = connectome.arranged(neurons).weights(.chemical, .electrical)
    let count = neurons.count
    var (weight, size, labels) = ([Double](), [Double](), [Bool]())
    for row in 0..<count {
      for column in 0..<count where row != column && !effect[row * count + column].isNaN {
        weight.append(weights[column * count + row])
        size.append(effect[row * count + column])
        labels.append(isSignificant?[row * count + column] ?? false)
      }
    }
    var area = Double.nan
    if isSignificant != nil {
      area = try RankedResponses(Tensor(weight.map(Float.init), shape: [weight.count, 1])).areaUnderROC(labels)[0]
    }
    return DirectWeight(
      areaUnderROC: area, spearman: Correlation.spearman(weight, size).coefficient, pairs: weight.count)
  }
}
