import Figures
import Models
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension RelationNeurons {
  /// Other ways to choose neurons, and to switch them off.
  struct VariantPart {
    let bench: Bench

    /// Neurons that a way chooses for a relation, and what takes their place.
    private struct Variant {
      let name: String
      let neurons: (Int) throws -> NeuronSet
      var kind: Deactivation = .zero
    }

    /// What a variant does, by relation, in nats.
    private struct Outcome {
      let name: String
      var own: [Double] = []
      var others: [Double] = []
      /// The Jaccard index with the experts.
      var overlap: [Double] = []
    }

    func run() throws {
      let relations = Array(bench.relations.indices.prefix(bench.options.curveRelations))
      let outcomes = try variants().map { variant in
        var outcome = Outcome(name: variant.name)
        for relation in relations {
          let set = try variant.neurons(relation)
          let (groups, before) = bench.ownAndOthers(relation)
          let drops = try DeactivationMatrix.measured(
            [set], on: groups, before: before, bench.scorer, variant.kind
          ) { _ in
            try bench.lab.progress(
              variant.name, outcome.own.count + 1, of: relations.count, unit: "relations")
          }.meanLogProbabilityDrops[0]
          outcome.own.append(drops[0])
          outcome.others.append(drops[1])
          outcome.overlap.append(set.jaccardIndex(with: bench.experts(relation)))
        }
        let key = variant.name.split { !$0.isLetter }.joined(separator: "_")
        bench.lab.measure("variants.\(key).own", Spread(outcome.own).mean, unit: "nats")
        bench.lab.measure("variants.\(key).others", Spread(outcome.others).mean, unit: "nats")
        return outcome
      }
      try bench.lab.add(table(outcomes))
      try bench.lab.add(figure(outcomes))
    }

    private func variants() throws -> [Variant] {
      let expertise = bench.expertise
      let count = bench.topCount
      let otherPooling = bench.options.poolingKind == .last ? Pooling.max : .last
      let pooled = try Bench.expertise(
        try Bench.responses(bench.model, bench.knowledge, otherPooling, bench.options, bench.lab),
        bench.knowledge, bench.model, hardNegatives: bench.options.hardNegatives)
      let guarded = try Bench.expertise(
        bench.responses, bench.knowledge, bench.model, hardNegatives: !bench.options.hardNegatives)
      return [
        Variant(name: "experts", neurons: { bench.experts($0) }),
        Variant(
          name: "experts, mean in place of zero", neurons: { bench.experts($0) },
          kind: .mean(bench.meanActivity)),
        Variant(
          name: "experts, \(otherPooling.rawValue) over tokens",
          neurons: { pooled.topExperts(count, for: $0) }),
        Variant(
          name: bench.options.hardNegatives
            ? "experts, without hard negatives" : "experts, with hard negatives",
          neurons: { guarded.topExperts(count, for: $0) }),
        Variant(
          name: "experts, ties by position",
          neurons: { expertise.topExperts(count, for: $0, tieBreak: .position) }),
        Variant(
          name: "experts, half high and half low",
          neurons: { expertise.topExperts((count + 1) / 2, for: $0, both: true) }),
        Variant(name: "mean difference", neurons: { set(ranking(meanDifferences($0), count: count)) }),
        Variant(
          name: "gradient times activity", neurons: { set(ranking(try attributions($0), count: count)) }),
        Variant(name: "random", neurons: { set(anywhere($0)) }),
        Variant(
          name: "random, same blocks",
          neurons: { relation in
            var generator = bench.lab.generator("variant \(relation)")
            return bench.experts(relation).matched(neurons: expertise.neurons, using: &generator)
          }),
      ]
    }

    private func set(_ flat: [Int]) -> NeuronSet {
      NeuronSet(flat: flat, blocks: bench.expertise.blocks, neurons: bench.expertise.neurons)
    }

    private func anywhere(_ relation: Int) -> [Int] {
      var generator = bench.lab.generator("anywhere \(relation)")
      return generator.subset(bench.topCount, of: bench.neuronCount)
    }

    /// Welch's t of a relation's prompts against all others, by neuron.
    private func meanDifferences(_ relation: Int) -> [Double] {
      let labels = bench.knowledge.identification.joined().map { $0.relation == relation }
      let groups = [true, false].map { wanted -> (count: Int, mean: [Double], variance: [Double]) in
        let rows = labels.indices.filter { labels[$0] == wanted }
        let part = bench.responses.selected(Tensor(rows), axis: 0)
        return (rows.count, part.mean(axis: 0).doubles, part.variance(axes: [0]).doubles)
      }
      return (0..<bench.neuronCount).map { neuron in
        let moments = groups.map {
          GroupMoments(count: $0.count, mean: $0.mean[neuron], variance: $0.variance[neuron])
        }
        return GroupComparison(moments[0], moments[1]).welchT
      }
    }

    private func attributions(_ relation: Int) throws -> [Double] {
      let clozes = bench.knowledge.identification[relation].map(\.cloze)
      return try bench.scorer.attributions(clozes) {
        try bench.lab.progress("gradient times activity", $0, of: clozes.count, unit: "prompts")
      }
    }

    private func table(_ outcomes: [Outcome]) -> Table {
      var table = Table(
        name: "variants",
        caption:
          "\(bench.topCount) neurons chosen and switched off in other ways: mean fall of the log probability over \(outcomes[0].own.count) relations (nats), with standard errors over relations.",
        columns: ["way", "in the relation", "error", "in others", "error", "Jaccard with experts"])
      for outcome in outcomes {
        let (own, others) = (Spread(outcome.own), Spread(outcome.others))
        table.append([
          .text(outcome.name), .number(own.mean), .number(own.standardError), .number(others.mean),
          .number(others.standardError), .number(Spread(outcome.overlap).mean),
        ])
      }
      return table
    }

    private func figure(_ outcomes: [Outcome]) -> Plot {
      var plot = Plot(
        name: "variants", title: "Ways to choose neurons",
        caption:
          "Mean fall of the log probability in the relation and in others when \(bench.topCount) neurons are switched off, by how they are chosen (bars: standard error over \(outcomes[0].own.count) relations).",
        x: .init("fall of the log probability", unit: "nats"),
        y: .init(
          "", range: -0.7...Double(outcomes.count) - 0.3,
          ticks: outcomes.enumerated().map { (Double(outcomes.count - 1 - $0), $1.name) }))
      let heights = outcomes.indices.map { Double(outcomes.count - 1 - $0) }
      plot.add(.points, "the relation", x: outcomes.map { Spread($0.own).mean }, y: heights)
      plot.add(
        .points, "other relations", x: outcomes.map { Spread($0.others).mean }, y: heights.map { $0 - 0.15 })
      return plot
    }
  }
}
