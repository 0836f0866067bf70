import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension HebbianOrthogonalProjection {
  /// What the other parts compare with.
  struct MainResults: Sendable {
    var baseline, hebbian, joint: Trials
    /// The setting in words.
    var setting: String
    /// Why claims about forgetting cannot be decided, if so.
    var obstacle: String?
  }

  /// The criteria of claims 1, 2, 4, 5 and 6, fixed before measuring.
  enum Criteria {
    static let keptTransfer = -0.03
    static let forgettingTransfer = -0.10
    static let accuracyGain = 0.05
    static let squaredCosine = 0.9
    static let excessError = 1.05
    static let driftRatio = 5.0
    static let lateralCost = 0.02

    static func keepsAndForgets(_ kept: Trials, _ plain: Trials) -> Bool {
      kept.transfer.mean >= keptTransfer && plain.transfer.mean <= forgettingTransfer
    }
  }

  /// Claims 1, 2, 4 and 5: plain training, the projection and joint training, in both regimes.
  struct MainPart {
    let bench: TrialBench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }

    func run() throws -> MainResults {
      let hebbian = Condition.Keeping.hebbian(.init())
      let all = try bench.run(
        "plain, projected, joint",
        [
          Condition(label: "plain", keeping: .nothing, isFollowed: true),
          Condition(label: "projected", keeping: hebbian, isFollowed: true),
          Condition(label: "joint", keeping: .joint, isFollowed: true),
          Condition(label: "joint, mild rate", keeping: .joint, rate: options.mildRate),
          Condition(label: "plain, mild regime", keeping: .nothing, isMild: true),
          Condition(label: "projected, mild regime", keeping: hebbian, isMild: true),
        ], seeds: options.seeds)
      let results = MainResults(
        baseline: all[0], hebbian: all[1], joint: all[2], setting: setting, obstacle: obstacle(all[0]))
      try report(all)
      lab.add(forgettingClaim(results, mild: Array(all[4...])))
      lab.add(accuracyClaim(results, gentle: all[3]))
      lab.add(subspaceClaim(results))
      lab.add(responseClaim(results))
      try MainFigures(bench: bench, results: results).draw()
      return results
    }

    private var setting: String {
      let layers = ([bench.inputs] + options.hidden + [bench.images.train.classCount]).map(String.init)
      return
        "\(options.tasks) tasks (\(options.sequence)) of \(options.images) training and \(options.testImages) test images, \(layers.joined(separator: "-")), DSR over \(options.steps) steps, \(options.epochs) epochs a task, rate \(options.rate), one shared head, \(options.seeds) seeds; mean ± standard error"
    }

    private func obstacle(_ plain: Trials) -> String? {
      lab.size == .quick && plain.transfer.mean > Criteria.forgettingTransfer
        ? "at this size plain training forgets too little for anything to be kept: BWT \(plain.transfer.points)"
        : nil
    }

    private func report(_ all: [Trials]) throws {
      var table = Table(
        name: "main", caption: "Plain training, projection and joint training, in both regimes.",
        columns: [
          "training", "seed", "average accuracy ACC", "backward transfer BWT", "accuracy when just learnt",
        ])
      for trials in all {
        for (seed, trial) in trials.trials.enumerated() {
          table.append([
            .text(trials.condition.label), .integer(seed), .number(trial.outcome.averageAccuracy),
            trials.condition.keeping == .joint ? .missing : .number(trial.outcome.backwardTransfer),
            .number(trial.outcome.learningAccuracy),
          ])
        }
        let name = trials.condition.label.replacingOccurrences(of: ", mild rate", with: "MildRate")
          .replacingOccurrences(of: ", mild regime", with: "Mild")
        lab.measure("\(name).accuracy", trials.accuracy.mean)
        if trials.condition.keeping != .joint { lab.measure("\(name).transfer", trials.transfer.mean) }
      }
      try lab.add(table)
    }

    private func forgettingClaim(_ results: MainResults, mild: [Trials]) -> Claim {
      let (plain, kept) = (results.baseline, results.hebbian)
      return .decided(
        "1", "Learning task after task without forgetting.",
        paper:
          "On permuted digits a backward transfer of about -1 %, where plain training loses almost thirty points.",
        test: results.setting + ".",
        criterion: "BWT of the projection at least -3 points while that of plain training is at most -10",
        measured:
          "projected BWT \(kept.transfer.points), plain \(plain.transfer.points). In the mild regime (\(options.mildTasks) tasks, hidden layers \(options.mildHidden), \(options.mildEpochs) epochs, rate \(options.mildRate)): projected \(mild[1].text); plain \(mild[0].text).",
        holds: Criteria.keepsAndForgets(kept, plain),
        reason: kept.transfer.mean < Criteria.keptTransfer
          ? "the projection itself forgets \(kept.transfer.points)"
          : "plain training forgets only \(plain.transfer.points)", unless: results.obstacle)
    }

    private func accuracyClaim(_ results: MainResults, gentle: Trials) -> Claim {
      let gain = Spread(
        zip(results.hebbian.trials, results.baseline.trials).map {
          $0.outcome.averageAccuracy - $1.outcome.averageAccuracy
        })
      let bound = max(results.joint.accuracy.mean, gentle.accuracy.mean)
      let isBelow = results.hebbian.accuracy.mean <= bound
      return .decided(
        "2", "Better average accuracy than plain training, below joint training.",
        paper: "About 95 % on permuted digits against about 70 % of plain training.",
        test: results.setting + ".",
        criterion:
          "ACC of the projection at least 5 points above plain training, and not above joint training on all tasks at once, at the better of the two regimes' rates",
        measured:
          "projected \(results.hebbian.accuracy.percent), plain \(results.baseline.accuracy.percent), joint \(results.joint.accuracy.percent), at rate \(options.mildRate) \(gentle.accuracy.percent); gain over plain \(gain.points).",
        holds: gain.mean >= Criteria.accuracyGain && isBelow,
        reason: isBelow
          ? "the gain is below 5 points"
          : "the projection ended above joint training, which with as many batches is no bound here",
        unless: results.obstacle)
    }

    private func subspaceClaim(_ results: MainResults) -> Claim {
      let layers = results.hebbian.trials[0].subspaces.indices
      let cosines = layers.map { layer in
        Spread(results.hebbian.trials.map { $0.subspaces[layer].meanSquaredCosine })
      }
      let errors = layers.map { layer in
        Spread(
          results.hebbian.trials.map {
            $0.subspaces[layer].reconstructionError / max($0.subspaces[layer].optimalError, 1e-9)
          })
      }
      for layer in layers {
        lab.measure("subspace.layer\(layer + 1).squaredCosine", cosines[layer].mean)
        lab.measure("subspace.layer\(layer + 1).errorRatio", errors[layer].mean)
      }
      let failing = layers.filter {
        cosines[$0].mean < Criteria.squaredCosine || errors[$0].mean > Criteria.excessError
      }
      return .decided(
        "4", "The Hebbian rule finds the principal subspace.",
        paper: "Hebbian and anti-Hebbian learning extract the principal subspace of the traces.",
        test:
          "After the first task the rows of each layer (\(options.sizes(1, layers: layers.count).first)) against the principal subspace of as many dimensions of its presynaptic weighted rates on the task's training images, second moments about zero; \(options.seeds) seeds.",
        criterion:
          "in every layer the mean squared cosine of the principal angles is at least 0.9 and the rows' reconstruction error at most 1.05 times the least possible",
        measured: layers.map {
          "layer \($0 + 1): squared cosine \(cosines[$0].text(3)), error ratio \(errors[$0].text(3))"
        }.joined(separator: "; ") + ". " + settled(results, layers),
        holds: failing.isEmpty,
        reason: failing.map { "layer \($0 + 1) \(explanation(results, $0))" }.joined(separator: "; ")
          + "; a constant learning rate and moving weights keep the rows from settling at the subspace's edge, where many directions hold nearly as much",
        unless: lab.size == .quick && !failing.isEmpty
          ? "the few batches of this size do not let the rule converge" : nil)
    }

    /// What the rule reaches when the weights rest: whether time or the rule itself is the limit.
    private func settled(_ results: MainResults, _ layers: Range<Int>) -> String {
      let texts = layers.map { layer in
        let qualities = results.hebbian.trials.map { $0.settledSubspaces[layer] }
        let cosine = Spread(qualities.map(\.meanSquaredCosine))
        let ratio = Spread(qualities.map { $0.reconstructionError / max($0.optimalError, 1e-9) })
        lab.measure("subspace.layer\(layer + 1).settled.squaredCosine", cosine.mean)
        lab.measure("subspace.layer\(layer + 1).settled.errorRatio", ratio.mean)
        return "\(cosine.text(3)) and \(ratio.text(3))"
      }
      return "After twenty more passes with the weights at rest: \(texts.joined(separator: ", "))."
    }

    /// How much of what is possible a layer's rows hold.
    private func explanation(_ results: MainResults, _ layer: Int) -> String {
      let qualities = results.hebbian.trials.map { $0.subspaces[layer] }
      let share = Spread(qualities.map { ($0.explained.last ?? 0) / max($0.optimal.last ?? 1, 1e-9) })
      return String(format: "holds %.1f %% of what is possible", share.mean * 100)
    }

    private func responseClaim(_ results: MainResults) -> Claim {
      func drift(_ trials: Trials, _ pick: (Trial) -> [Double]) -> [Spread] {
        pick(trials.trials[0]).indices.map { layer in Spread(trials.trials.map { pick($0)[layer] }) }
      }
      func mean(_ spreads: [Spread]) -> Double { Spread(spreads.map(\.mean)).mean }
      let (plain, kept) = (drift(results.baseline, \.drift), drift(results.hebbian, \.drift))
      let whole = (drift(results.baseline, \.wholeDrift), drift(results.hebbian, \.wholeDrift))
      let ratio = mean(plain) / max(mean(kept), 1e-9)
      lab.measure("drift.plain", mean(plain))
      lab.measure("drift.projected", mean(kept))
      lab.measure("drift.wholeRatio", mean(whole.0) / max(mean(whole.1), 1e-9))
      let list = { (spreads: [Spread]) in spreads.map { $0.text(3) }.joined(separator: ", ") }
      return .decided(
        "5", "Responses to old inputs are preserved.",
        paper: "Weight changes are orthogonal to old activity, so old responses stay.",
        test:
          "Relative change of W x by layer between the end of the first task and the end of the last, x being the layer's activity on the first task's test images as it was then; mean over layers. \(results.setting).",
        criterion: "the change with projection is at most a fifth of that of plain training",
        measured: String(format: "ratio %.1f; ", ratio)
          + "plain \(list(plain)), projected \(list(kept)) in the layers; through the whole network, where a layer's input changes too: plain \(list(whole.0)), projected \(list(whole.1)).",
        holds: ratio >= Criteria.driftRatio, reason: String(format: "the ratio is only %.1f", ratio),
        unless: lab.size == .quick && ratio < Criteria.driftRatio
          ? "too few batches for subspaces to converge and for plain weights to move far" : nil)
    }
  }
}
