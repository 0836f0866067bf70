import Figures
import Neurons
import Support

extension HomeostaticNetworks {
  /// Outcomes by learner and shift, in order of seeds.
  struct Results: Sendable {
    private struct Key: Hashable {
      var learner: String
      var shift: TrialBench.Shift
    }

    private var outcomes: [Key: [Outcome]] = [:]

    mutating func add(_ outcome: Outcome, _ learner: String, _ shift: TrialBench.Shift) {
      outcomes[Key(learner: learner, shift: shift), default: []].append(outcome)
    }

    mutating func merge(_ other: Results) { outcomes.merge(other.outcomes) { $1 } }

    /// The outcomes of a condition that was run.
    subscript(learner: String, shift: TrialBench.Shift) -> [Outcome] {
      guard let found = outcomes[Key(learner: learner, shift: shift)] else {
        preconditionFailure("no outcome of \(learner) under \(shift)")
      }
      return found
    }

    func spread(_ learner: String, _ shift: TrialBench.Shift, _ measure: (Outcome) -> Double) -> Spread {
      Spread(self[learner, shift].map(measure))
    }

    /// The difference of two learners seed by seed: same data, same first weights.
    func difference(
      _ learner: String, _ other: String, _ shift: TrialBench.Shift, _ measure: (Outcome) -> Double
    ) -> Spread {
      Spread(zip(self[learner, shift], self[other, shift]).map { measure($0) - measure($1) })
    }

    /// A share of decisions, for a table; missing where nothing was decided.
    func decisionShare(
      _ learner: String, _ shift: TrialBench.Shift, _ share: (DecisionStatistics) -> Double
    ) -> Table.Cell {
      let mean = spread(learner, shift) { share($0.decisions) }.mean
      return mean.isNaN ? .missing : .number(mean)
    }

    /// Processor seconds and minibatches of all outcomes of the learners that `isIncluded` names.
    func cost(_ isIncluded: (String) -> Bool) -> (seconds: Double, batches: Int) {
      outcomes.filter { isIncluded($0.key.learner) }.values.joined().reduce((0, 0)) {
        ($0.0 + $1.cpuSeconds, $0.1 + $1.batches)
      }
    }
  }
}
