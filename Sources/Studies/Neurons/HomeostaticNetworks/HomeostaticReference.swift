import Neurons
import StudyCore
import Support

extension HomeostaticNetworks {
  /// Replays the reference training of a golden section: explicit data, weights and swaps, no shuffling.
  struct HomeostaticReference {
    private let section: JSONValue
    private let config: JSONValue
    private let sizes: [Int]
    private let batch: Int

    init(_ section: JSONValue) throws {
      self.section = section
      config = section["config"]
      sizes = try ["d", "h1", "h2", "classes"].map(config.integer)
      batch = try config.integer("batch")
      guard sizes.allSatisfy({ $0 > 0 }), batch > 0 else {
        throw CajalError("'config' has sizes \(sizes) and batch \(batch); all should be positive")
      }
      guard config["method"].string == "lrh", config["shuffle"].bool == false else {
        throw CajalError("'config' should have method \"lrh\" and shuffle false")
      }
    }

    /// Trains as the section says and compares decisions, rates, accuracies and final weights.
    ///
    /// - Parameters:
    ///   - rateTolerance: Absolute, for learning rates and accuracies.
    ///   - weightTolerance: Relative, for the final weights.
    func compare(_ comparison: inout Comparison, rateTolerance: Double, weightTolerance: Double) throws {
      let settings = try settings()
      let network = try Perceptron<Double>(
        sizes: sizes, layers: layers(in: "init"), batch: batch, memory: settings.memory)
      let trace = try trainer().train(
        network, HomeostaticRegulator(settings), on: samples(), using: RandomGenerator(seed: 0))

      let expected = try decisions()
      comparison.checkEqual(trace.decisions.count, expected.count, "number of decisions")
      for (measured, decision) in zip(trace.decisions, expected) {
        comparison.checkEqual(measured, decision, "decision at sample \(decision.sample)")
      }
      comparison.check(trace.rates, try section.numbers("lr_per_batch"), absolute: rateTolerance)
      comparison.check(
        trace.accuracyPerEpoch, try section.numbers("train_accuracy_per_epoch"), absolute: rateTolerance)
      for (measured, layer) in zip(network.layers, try layers(in: "final")) {
        comparison.check(measured.weights, layer.weights, relative: weightTolerance)
        comparison.check(measured.biases, layer.biases, relative: weightTolerance)
      }
    }

    private func settings() throws -> HomeostaticRegulator.Settings {
      let first = try config.integer("excitatory_from_class")
      var settings = HomeostaticRegulator.Settings(
        initialRate: try config.number("eta0"), step: try config.number("lr_step"),
        effects: .excitatory(from: first, of: sizes[3]))
      settings.interval = try config.integer("interval")
      settings.offset = try config.integer("offset")
      settings.memory = try config.integer("memory")
      guard settings.memory > 0, settings.interval > settings.offset, settings.offset >= 0 else {
        throw CajalError("'config' needs a memory above 0 and an offset within the interval")
      }
      return settings
    }

    private func trainer() throws -> OnlineTrainer<Double> {
      var trainer = OnlineTrainer<Double>(epochs: try config.integer("epochs"))
      trainer.batch = batch
      trainer.shuffles = false
      let swaps = try (config["swaps_after_batch"].object ?? [:]).map { key, pair in
        guard let batch = Int(key), pair.array?.count == 2, let first = pair[0].int, let second = pair[1].int
        else { throw CajalError("'swaps_after_batch' should map a minibatch to two labels, not '\(key)'") }
        return ConceptShift.Swap(afterBatch: batch, first, second)
      }
      trainer.shift = try .listed(swaps)
      return trainer
    }

    private func samples() throws -> Samples<Double> {
      let (shape, data) = try section.tensor("X_columns_are_samples")
      guard shape.count == 2, shape[0] == sizes[0] else {
        throw CajalError("'X_columns_are_samples' has shape \(shape), expected [\(sizes[0]), N]")
      }
      return try Samples(
        inputs: transposed(data, rows: shape[0], columns: shape[1]), dimension: shape[0],
        labels: section.integers("labels"), classCount: sizes[3])
    }

    /// The layers stored under `key`, whose weights have shape `[outputs, inputs]`.
    private func layers(in key: String) throws -> [Perceptron<Double>.Layer] {
      let value = section[key]
      return try ["12", "23", "34"].enumerated().map { index, name in
        let weights = try value.tensor("w\(name)")
        guard weights.shape == [sizes[index + 1], sizes[index]] else {
          throw CajalError(
            "'\(key).w\(name)' has shape \(weights.shape), expected [\(sizes[index + 1]), \(sizes[index])]")
        }
        return .init(
          weights: transposed(weights.data, rows: sizes[index + 1], columns: sizes[index]),
          biases: try value.tensor("b\(name)").data)
      }
    }

    private func decisions() throws -> [RegulationDecision] {
      guard let rows = section["decisions"].array else { throw CajalError("'decisions' should be an array") }
      return try rows.map { row in
        guard let taken = row["take"].bool else {
          throw CajalError("'decisions.take' should be true or false")
        }
        return RegulationDecision(
          sample: try row.integer("sample"), guess: try row.integer("guess"), label: try row.integer("label"),
          hitsIfStaying: try row.integer("stay"), hitsIfTaking: try row.integer("change"), taken: taken)
      }
    }

    private func transposed(_ data: [Double], rows: Int, columns: Int) -> [Double] {
      (0..<columns).flatMap { column in (0..<rows).map { data[$0 * columns + column] } }
    }
  }
}
