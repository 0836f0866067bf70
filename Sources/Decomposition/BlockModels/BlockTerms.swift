import Foundation

/// The parts of a description length as functions of counts, from tables.
///
/// Logarithms of probabilities, in nats (Peixoto, 2017 and 2018; sheet, section 3).
struct BlockTerms: Sendable {
  let isDegreeCorrected: Bool
  let weights: BlockWeights
  let nodes: Int
  let edgeCount: Int
  /// ln n!
  private let factorials: [Double]
  /// ln n, with 0 at 0.
  private let logarithms: [Double]
  /// ln Γ(m + α) of the weights' prior.
  private let gammas: [Double]
  /// What every pair of groups with an edge adds.
  private let constant: Double

  init(_ graph: WeightedGraph, isDegreeCorrected: Bool, weights: BlockWeights) {
    self.isDegreeCorrected = isDegreeCorrected
    self.weights = weights
    nodes = graph.count
    edgeCount = graph.edges.count
    let size = min(1 << 22, max(2 * edgeCount + nodes, nodes * (nodes + 1) / 2 + edgeCount) + 2)
    var factorials = [Double](repeating: 0, count: size)
    for n in 1..<size { factorials[n] = factorials[n - 1] + log(Double(n)) }
    self.factorials = factorials
    logarithms = (0...nodes).map { $0 > 0 ? log(Double($0)) : 0 }
    let alpha = weights.shape
    let gammas: [Double] =
      alpha > 0 ? (0...edgeCount).map { lgamma(Double($0) * weights.shapeStep + alpha) } : []
    self.gammas = gammas
    constant = alpha > 0 ? alpha * log(weights.scale) - gammas[0] : 0
  }

  @inline(__always)
  func lnFactorial(_ n: Int) -> Double { n < factorials.count ? factorials[n] : lgamma(Double(n) + 1) }

  /// ln of the number of multisets of `count` things of `kinds` kinds.
  @inline(__always)
  func lnMultisets(_ kinds: Int, _ count: Int) -> Double {
    kinds == 0 ? 0 : lnFactorial(kinds + count - 1) - lnFactorial(count) - lnFactorial(kinds - 1)
  }

  @inline(__always)
  func lnBinomial(_ n: Int, _ k: Int) -> Double { lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k) }

  /// Edges between two groups, or `inner` of one, and their weights.
  @inline(__always)
  func pair(_ count: Int, _ total: Double, _ squares: Double, isInner: Bool) -> Double {
    topology(count, isInner: isInner) + weight(count, total, squares)
  }

  /// ln m! between groups, ln (2m)!! within one.
  @inline(__always)
  func topology(_ count: Int, isInner: Bool) -> Double {
    isInner ? lnFactorial(count) + Double(count) * 0.6931471805599453 : lnFactorial(count)
  }

  @inline(__always)
  func weight(_ count: Int, _ total: Double, _ squares: Double) -> Double {
    count == 0 || gammas.isEmpty ? 0 : weights.logEvidence(count, total, squares, gammas[count] + constant)
  }

  /// What a group adds: its size and the ends of its edges.
  @inline(__always)
  func group(_ size: Int, _ ends: Int) -> Double {
    guard size > 0 else { return 0 }
    let partition = lnFactorial(size)
    return isDegreeCorrected
      ? partition - lnFactorial(ends) - lnMultisets(size, ends)
      : partition - Double(ends) * logarithms[size]
  }

  /// What the number of groups of a partition of `count` things adds.
  @inline(__always)
  func groups(_ groups: Int, of count: Int) -> Double {
    -lnFactorial(count) - lnBinomial(count - 1, groups - 1) - log(Double(count))
  }

  /// The prior of the edge counts of a flat model.
  func flatEdges(_ groups: Int) -> Double { -lnMultisets(groups * (groups + 1) / 2, edgeCount) }
}

/// How weights of edges are distributed within a pair of groups, with all parameters integrated out.
enum BlockWeights: Sendable, Equatable {
  case none
  /// Exponential with a Gamma prior on the rate.
  case exponential(alpha: Double, beta: Double)
  /// Normal with a normal-inverse-gamma prior.
  case normal(mean: Double, kappa: Double, alpha: Double, beta: Double)

  /// Which gammas are needed: Γ(m · step + shape).
  var shape: Double {
    switch self {
    case .none: 0
    case .exponential(let alpha, _), .normal(_, _, let alpha, _): alpha
    }
  }
  var shapeStep: Double { if case .normal = self { 0.5 } else { 1 } }

  /// The prior's rate.
  var scale: Double {
    switch self {
    case .none: 1
    case .exponential(_, let beta), .normal(_, _, _, let beta): beta
    }
  }

  /// The logarithm of the evidence of `count` weights of a sum and a sum of squares; `known` is ln Γ(m · step + α) - ln Γ(α) + α ln β.
  @inline(__always)
  func logEvidence(_ count: Int, _ total: Double, _ squares: Double, _ known: Double) -> Double {
    switch self {
    case .none: return 0
    case .exponential(let alpha, let beta):
      return known - (Double(count) + alpha) * log(total + beta)
    case .normal(let mean, let kappa, let alpha, let beta):
      let m = Double(count)
      let (newKappa, newAlpha) = (kappa + m, alpha + m / 2)
      let spread = max(0, squares - total * total / m)
      let shift = total / m - mean
      let newBeta = beta + spread / 2 + kappa * m * shift * shift / (2 * newKappa)
      return known - newAlpha * log(newBeta)
        + 0.5 * log(kappa / newKappa) - m / 2 * log(2 * Double.pi)
    }
  }
}
