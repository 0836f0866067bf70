import Datasets
import Figures
import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// A demonstration on tables of measurements, where products of features matter: breast cancer and wine, five folds.
  struct Tables {
    let options: QuadraticNetworks.Options
    let lab: Lab

    private static let folds = 5
    private static let neurons = 16

    /// The networks that are compared: a hidden layer of quadratic neurons by strength, or of so many ReLU neurons.
    private enum Candidate: Sendable {
      case conventional(Int)
      case quadratic(gamma: Double)

      var label: String {
        switch self {
        case .conventional(let neurons): "ReLU, \(neurons) neurons"
        case .quadratic(let gamma): "quadratic, \(Tables.neurons) neurons, γ = \(gamma)"
        }
      }
    }

    /// Accuracy on a fifth of the training rows, held back for choosing, and on the fold.
    private struct Score: Sendable {
      var validation: Double
      var test: Double
    }

    func run() throws {
      var table = Table(
        name: "tables",
        caption:
          "Accuracy over five folds, one hidden layer; the quadratic row is at the strength chosen in each fold on rows held back.",
        columns: ["data", "network", "accuracy", "deviation over folds"])
      for (name, load) in [
        ("breast-cancer", { try LabelledTable.breastCancer() }), ("wine", { try LabelledTable.wine() }),
      ] {
        do {
          let data = try load()
          lab.usesData(data.name, fingerprint: data.fingerprint)
          try compare(data, into: &table)
        } catch let error as CajalError { lab.note("\(name) was left out: \(error.message).") }
      }
      if !table.rows.isEmpty { try lab.add(table) }
    }

    private func compare(_ data: LabelledTable, into table: inout Table) throws {
      let conventional = [Self.neurons, 3 * Self.neurons].map(Candidate.conventional)
      let candidates = conventional + options.productGammas.map(Candidate.quadratic)
      var generator = lab.generator("folds of \(data.name)")
      let folds = crossValidationFolds(data.count, folds: Self.folds, using: &generator)
      let scores = try lab.trials(data.name, settings: candidates.count, seeds: Self.folds) {
        index, fold, generator, check in
        try score(candidates[index], data, folds[fold], using: &generator, check)
      }
      for (candidate, scores) in zip(conventional, scores) {
        add(data, candidate.label, Spread(scores.map(\.test)), &table)
      }
      let quadratic = scores[conventional.count...]
      let chosen = (0..<Self.folds).map { fold in
        quadratic.map { $0[fold] }.max { $0.validation < $1.validation }!.test
      }
      add(data, "quadratic, \(Self.neurons) neurons", Spread(chosen), &table)
    }

    private func add(_ data: LabelledTable, _ label: String, _ accuracy: Spread, _ table: inout Table) {
      table.append([.text(data.name), .text(label), .number(accuracy.mean), .number(accuracy.deviation)])
      lab.measure("tables.\(data.name).\(label.split(separator: " ").joined(separator: "-"))", accuracy.mean)
    }

    private func score(
      _ candidate: Candidate, _ data: LabelledTable, _ fold: (train: [Int], test: [Int]),
      using generator: inout RandomGenerator, _ check: () throws -> Void
    ) throws -> Score {
      let held = fold.train.count / 5
      let parts = [Array(fold.train[held...]), Array(fold.train[..<held]), fold.test].map { Tensor($0) }
      let all = data.tensor()
      let fitted = all.selected(parts[0], axis: 0)
      let (mean, deviation) = (
        fitted.mean(axis: 0), fitted.standardDeviation(axes: [0]).clamped(atLeast: 1e-8)
      )
      let inputs = parts.map { (all.selected($0, axis: 0) - mean) / deviation }
      let labels = parts.map { data.labelTensor.selected($0, axis: 0) }
      let (network, training) = network(candidate, data, using: &generator)
      _ = try training.fit(
        network, inputs[0], labels[0], using: &generator, afterEpoch: { _ in try check() },
        loss: { $0.crossEntropy($1) })
      return Score(
        validation: network.accuracy(inputs[1], labels[1]), test: network.accuracy(inputs[2], labels[2]))
    }

    private func network(
      _ candidate: Candidate, _ data: LabelledTable, using generator: inout RandomGenerator
    )
      -> (DenseNetwork, SupervisedTraining)
    {
      var training = SupervisedTraining(learningRate: 0.02)
      training.batch = 32
      training.epochs = options.tableEpochs
      training.weightDecay = 1e-3
      var (neurons, choice) = (Self.neurons, NeuronChoice.quadratic())
      switch candidate {
      case .conventional(let count): (neurons, choice) = (count, .conventional())
      case .quadratic(let gamma): training.policy = .shrinkGradients(gamma)
      }
      let widths = [data.columnNames.count, neurons, data.classNames.count]
      return (DenseNetwork(widths, choice, using: &generator), training)
    }
  }
}
