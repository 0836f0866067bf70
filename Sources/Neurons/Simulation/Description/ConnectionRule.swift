import Foundation
import Support

/// Who reaches whom.
///
/// Rules that go source by source (all, one to one, fixed probability, fixed out-degree) and fixed in-degree are drawn in
/// parallel, each row from a stream of its own, so that neither threads nor ranks change a network.
public enum ConnectionRule: Sendable {
  /// Everyone to everyone.
  case all(toSelf: Bool = true)
  /// Neuron i to neuron i.
  case oneToOne
  /// Each pair with the same probability (Erdős and Rényi).
  case fixedProbability(Double, toSelf: Bool = true)
  /// Each source reaches this many different targets.
  case fixedOutDegree(Int, toSelf: Bool = true)
  /// Each target is reached by this many different sources.
  case fixedInDegree(Int, toSelf: Bool = true)
  /// These synapses.
  case synapses(Connectivity)
  /// Whatever a generator of ``Connectivity`` draws: `.drawn { .smallWorld($0, neighbours: 20, rewiring: 0.1, using: &$2) }`.
  case drawn(@Sendable (_ sources: Int, _ targets: Int, inout RandomGenerator) -> Connectivity)

  /// Pairs of source and target.
  ///
  /// - Throws: `CajalError` naming the pair that does not exist or comes twice.
  public static func pairs(_ pairs: [(source: Int, target: Int)], sources: Int, targets: Int) throws
    -> ConnectionRule
  {
    var reached = [Set<Int>](repeating: [], count: sources)
    for (index, pair) in pairs.enumerated() {
      guard (0..<sources).contains(pair.source), (0..<targets).contains(pair.target) else {
        throw CajalError(
          "synapse \(index) goes from \(pair.source) to \(pair.target); there are \(sources) sources and \(targets) targets"
        )
      }
      guard reached[pair.source].insert(pair.target).inserted else {
        throw CajalError("synapse \(index), from \(pair.source) to \(pair.target), comes twice")
      }
    }
    return .synapses(Connectivity(targets: targets, reached: reached.map(Array.init)))
  }

  /// - Throws: `CajalError` beginning with `what`.
  func validate(_ what: String, sources: Int, targets: Int, isRecurrent: Bool) throws {
    func others(_ count: Int, _ toSelf: Bool) -> Int { toSelf || !isRecurrent ? count : count - 1 }
    switch self {
    case .all, .drawn: break
    case .oneToOne:
      guard sources == targets else {
        throw CajalError("\(what) is one to one, but \(sources) sources meet \(targets) targets")
      }
    case .fixedProbability(let p, _):
      guard (0...1).contains(p) else { throw CajalError("\(what) has the probability \(p), expected 0 to 1") }
    case .fixedOutDegree(let degree, let toSelf):
      guard (0...others(targets, toSelf)).contains(degree) else {
        throw CajalError("\(what) asks for \(degree) targets each, of \(others(targets, toSelf))")
      }
    case .fixedInDegree(let degree, let toSelf):
      guard (0...others(sources, toSelf)).contains(degree) else {
        throw CajalError("\(what) asks for \(degree) sources each, of \(others(sources, toSelf))")
      }
    case .synapses(let connectivity):
      guard connectivity.sources == sources, connectivity.targets == targets else {
        throw CajalError(
          "\(what) names synapses of \(connectivity.sources) sources and \(connectivity.targets) targets; there are \(sources) and \(targets)"
        )
      }
    }
  }

  /// Synapses of a source, about: what to make room for.
  func expectedRow(targets: Int, sources: Int) -> Double {
    switch self {
    case .all: Double(targets)
    case .oneToOne: 1
    case .fixedProbability(let p, _): Double(targets) * p
    case .fixedOutDegree(let degree, _): Double(degree)
    case .fixedInDegree(let degree, _): Double(degree) * Double(targets) / Double(max(1, sources))
    case .synapses(let connectivity): Double(connectivity.count) / Double(max(1, sources))
    case .drawn: 0
    }
  }
}

extension RandomGenerator {
  /// Different numbers below `bound`, ascending, into `chosen`; quick where they are few.
  mutating func drawSubset(_ count: Int, of bound: Int, into chosen: inout [Int32]) {
    chosen.removeAll(keepingCapacity: true)
    guard count < bound / 4 else {
      chosen.append(contentsOf: subset(count, of: bound).map(Int32.init))
      return
    }
    // Those that come twice are drawn again, which leaves every subset as likely.
    while chosen.count < count {
      for _ in chosen.count..<count { chosen.append(Int32(integer(below: bound))) }
      chosen.sort()
      var kept = 0
      for value in chosen where kept == 0 || chosen[kept - 1] != value {
        chosen[kept] = value
        kept += 1
      }
      chosen.removeLast(chosen.count - kept)
    }
  }

  /// Every number below `bound` with the same probability, ascending; time grows with those chosen.
  mutating func drawEach(_ probability: Double, below bound: Int, into chosen: inout [Int32]) {
    chosen.removeAll(keepingCapacity: true)
    guard probability > 0 else { return }
    guard probability < 1 else {
      chosen.append(contentsOf: 0..<Int32(bound))
      return
    }
    // Infinite for the smallest probabilities, which then choose nothing.
    let scale = 1 / log1p(-probability)
    var place = -1
    while true {
      let skip = log(1 - uniform()) * scale
      guard skip < Double(bound - place) else { return }
      place += 1 + Int(skip)
      guard place < bound else { return }
      chosen.append(Int32(truncatingIfNeeded: place))
    }
  }
}
