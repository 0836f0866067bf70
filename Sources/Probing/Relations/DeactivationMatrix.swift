import Models
import Recordings
import Support

/// What takes the place of a neuron's activity when it is switched off.
public enum Deactivation: Sendable {
  case zero
  /// The neuron's usual activity, `L · N` numbers: what it says in particular is lost, not its constant part.
  case mean([Double])
}

extension NeuronSet {
  /// Instruments that switch these neurons off at every position; for `withInstruments`.
  ///
  /// - Parameter neurons: How many a block has.
  public func deactivations(_ kind: Deactivation, neurons: Int, at site: String = "mlp") -> [any Instrument] {
    guard case .mean(let means) = kind else { return perturbations(.ablate, at: site) }
    precondition(
      means.count == blocks.count * neurons, "\(means.count) means for \(blocks.count) x \(neurons) neurons")
    return blocks.enumerated().filter { !$1.isEmpty }.map { block, chosen in
      Perturbation(
        .clampEach(chosen.map { means[block * neurons + $0] }), at: SitePattern("blocks.\(block).\(site)"),
        neurons: chosen)
    }
  }
}

/// What switching sets of neurons off does to groups of clozes: a row a set, a column a group.
public struct DeactivationMatrix: Sendable {
  /// By group and cloze.
  public let before: [[ContinuationScore]]
  /// By set, group and cloze.
  public let after: [[[ContinuationScore]]]

  public init(before: [[ContinuationScore]], after: [[[ContinuationScore]]]) {
    precondition(
      after.allSatisfy { $0.map(\.count) == before.map(\.count) },
      "groups of other sizes after than before")
    (self.before, self.after) = (before, after)
  }

  /// Measures with every set switched off in turn.
  ///
  /// - Parameter afterSet: Told after each set how many are done; an error of it ends the work.
  public static func measured(
    _ sets: [NeuronSet], on groups: [[Cloze]], before: [[ContinuationScore]]? = nil,
    _ scorer: ContinuationScorer, _ kind: Deactivation = .zero, afterSet: (Int) throws -> Void = { _ in }
  ) rethrows -> DeactivationMatrix {
    let before = before ?? scorer.scores(groups: groups)
    var after: [[[ContinuationScore]]] = []
    for set in sets {
      let instruments = set.deactivations(kind, neurons: scorer.decoder.configuration.neurons)
      after.append(withInstruments(instruments) { scorer.scores(groups: groups) })
      try afterSet(after.count)
    }
    return DeactivationMatrix(before: before, after: after)
  }

  /// The share of greedy matches of each group, before.
  public var accuracyBefore: [Double] { before.map(\.accuracy) }

  /// The same while a set is off, by set and group.
  public var accuracyAfter: [[Double]] { after.map { $0.map(\.accuracy) } }

  /// The share of the accuracy that is lost, by set and group (the paper's measure); not a number where nothing was there to lose.
  public var relativeDrops: [[Double]] {
    accuracyAfter.map { Self.relativeDrops(before: accuracyBefore, after: $0) }
  }

  /// `(before - after) / before`, element by element.
  public static func relativeDrops(before: [Double], after: [Double]) -> [Double] {
    zip(before, after).map { ($0 - $1) / $0 }
  }

  /// By how many nats the log probability of each cloze falls.
  public func logProbabilityDrops(_ set: Int, _ group: Int) -> [Double] {
    zip(before[group], after[set][group]).map { $0.logProbability - $1.logProbability }
  }

  /// The mean of ``logProbabilityDrops(_:_:)``, by set and group, in nats.
  public var meanLogProbabilityDrops: [[Double]] {
    after.indices.map { set in
      before.indices.map { group in
        let drops = logProbabilityDrops(set, group)
        return drops.reduce(0, +) / Double(drops.count)
      }
    }
  }
}

extension [ContinuationScore] {
  /// The share whose continuation is what greedy generation gives.
  public var accuracy: Double { Double(count { $0.isGreedy }) / Double(count) }

  public var meanLogProbability: Double { reduce(0) { $0 + $1.logProbability } / Double(count) }
}

extension ContinuationScorer {
  /// The scores of groups of clozes, all groups in the same batches.
  public func scores(groups: [[Cloze]]) -> [[ContinuationScore]] {
    let all = scores(groups.flatMap { $0 }) { _ in }
    var start = 0
    return groups.map { group in
      defer { start += group.count }
      return Array(all[start..<start + group.count])
    }
  }
}
