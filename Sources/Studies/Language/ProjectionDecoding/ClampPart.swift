import Figures
import Foundation
import Probing
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// Neurons that stand for nouns are clamped: claims 2 and 3.
  struct ClampPart {
    let bench: Bench
    typealias Outcome = ClampMeasurement.Outcome

    func run() throws {
      let outcomes = try ClampMeasurement(bench: bench).outcomes()
      let line = try LinearPrediction(bench: bench).correlation(outcomes)
      bench.lab.add(causal(outcomes, line))
      bench.lab.add(asStated(outcomes))
      try bench.lab.add(table(outcomes))
      try bench.lab.add(figure(outcomes))
      try SuppressionPart(bench: bench).run()
    }

    private func causal(_ outcomes: [Outcome], _ line: Double) -> Claim {
      let clamp = bench.options.clamp
      let changes = outcomes.map { outcome in
        zip(outcome.inner.values, outcome.aligned(outcome.inner)).filter { abs($0.0) == clamp }.map(\.1)
      }
      let cases = changes.flatMap { $0 }
      let passing = cases.count { $0 > 1 }
      let share = Double(passing) / Double(cases.count)
      let far = outcomes.flatMap { $0.aligned($0.far) }
      let random = Spread(outcomes.flatMap { $0.random.meanChanges.map { abs($0) } })
      let permuted = Spread(outcomes.flatMap { $0.permuted.meanChanges.map { abs($0) } })
      bench.lab.measure("clamp.inner.share", share)
      bench.lab.measure("clamp.inner.change", Spread(cases).mean, unit: "nats")
      bench.lab.measure("clamp.random.change", random.mean, unit: "nats")
      bench.lab.measure("clamp.permuted.change", permuted.mean, unit: "nats")
      if line.isFinite { bench.lab.measure("clamp.linear.correlation", line) }
      return .decided(
        "2", "A neuron whose output weights stand for a noun moves the noun's probability",
        paper: "clamping a neuron that was found so makes the model write of its concept",
        test:
          "\(outcomes.count) nouns, the neuron of largest |z| at the output, behind the gate clamped to ±\(short(clamp)) at all positions, mean over \(bench.prompts.count) prompts; random neurons of the same block",
        criterion:
          "log probability changes by more than 1 nat in the predicted sign in at least 80 % of cases; random neurons change it by less than 0.3 nats on average",
        measured:
          "\(passing) of \(cases.count) cases, mean change \(short(Spread(cases).mean)) nats (three times the largest activity seen: \(short(Spread(far).mean))); random neurons \(short(random.mean)), another noun \(short(permuted.mean)); correlation with the linear prediction in the last block \(line.isNaN ? "not measured" : short(line))",
        holds: share >= 0.8 && random.mean < 0.3,
        reason: share >= 0.8
          ? "a value this large, held at every position, also shifts the probabilities of other nouns, whatever the neuron"
          : "some neurons that stand for a noun do not move it",
        unless: nil)
    }

    /// Claim 3: as the paper has it, by the linear part and a positive clamp.
    private func asStated(_ outcomes: [Outcome]) -> Claim {
      let clamp = bench.options.clamp
      let changes = outcomes.map { outcome in
        outcome.up.meanChanges[outcome.up.values.firstIndex(of: clamp)!]
      }
      let promoted = changes.count { $0 > 0.3 }
      let suppressed = changes.count { $0 < -0.3 }
      let share = Double(promoted) / Double(changes.count)
      let signs = predictedSigns(outcomes)
      bench.lab.measure("clamp.up.promoted", share)
      bench.lab.measure("clamp.up.suppressed", Double(suppressed) / Double(changes.count))
      return .decided(
        "3", "The token that a neuron's up-projection decodes to is the one that a positive clamp promotes",
        paper: "the dog neuron, clamped, makes the model always speak of dogs",
        test:
          "\(changes.count) nouns, the neuron of largest z at the linear part, clamped before the gate to +\(short(clamp))",
        criterion: "log probability rises by more than 0.3 nats for at least 80 % of nouns",
        measured:
          "\(promoted) rise, \(suppressed) fall, \(changes.count - promoted - suppressed) hardly change; mean \(short(Spread(changes).mean)) nats. The sign of the gate's activity times that of the output z tells \(signs.right) of the \(signs.all) changes of single prompts",
        holds: share >= 0.8,
        reason:
          "what a neuron reads is not what it writes: many that read a noun remove it from the stream, and the gate decides whether a clamp acts at all",
        unless: changes.count < 5 ? "\(changes.count) nouns; five are needed" : nil)
    }

    /// How many changes by the clamp before the gate have the sign of what passes the gate at the end of the prompt, times that of what
    /// the neuron writes.
    private func predictedSigns(_ outcomes: [Outcome]) -> (right: Int, all: Int) {
      let (prompts, shape) = (bench.prompts, bench.model.decoder.configuration)
      let gates = bench.model.decoder.pooledActivity(of: prompts, at: "mlp.gate.active", .last) { _ in }
      var (right, all) = (0, 0)
      for outcome in outcomes {
        let place = outcome.reader.block * shape.neurons + outcome.reader.neuron
        let row = outcome.up.values.firstIndex(of: bench.options.clamp)!
        for (prompt, change) in outcome.up.changes[row].enumerated() where abs(change) > 0.3 {
          all += 1
          right += (gates[prompt, place].item * outcome.readerZ.down > 0) == (change > 0) ? 1 : 0
        }
      }
      return (right, all)
    }

    private func table(_ outcomes: [Outcome]) -> Table {
      var table = Table(
        name: "nouns",
        caption:
          "The neuron that writes each noun most clearly: z scores for the noun, best tokens at its output (for negative z the worst), and the change of the noun's log probability by clamps (nats, mean over prompts). A product of signs of -1 removes a noun that is there.",
        columns: ["noun", "block", "neuron", "z gate", "z up", "z output", "sign", "tokens"]
          + ["clamp -\(short(bench.options.clamp))", "clamp +\(short(bench.options.clamp))"]
          + ["best up neuron", "its z", "up clamp +\(short(bench.options.clamp))"])
      for outcome in outcomes {
        let tokens = bench.reader.topTokens(
          .down, block: outcome.writer.block, neuron: outcome.writer.neuron, count: 4,
          lowest: outcome.z.down < 0)
        func change(_ sweep: ClampSweep, _ value: Double) -> Table.Cell {
          .number(sweep.meanChanges[sweep.values.firstIndex(of: value)!])
        }
        table.append([
          .text(outcome.concept.word), .integer(outcome.writer.block), .integer(outcome.writer.neuron),
          .number(outcome.z.gate), .number(outcome.z.up), .number(outcome.z.down),
          .integer(Int(outcome.product)),
          .text(tokens.map { bench.text($0.token) }.joined(separator: " ")),
          change(outcome.inner, -bench.options.clamp), change(outcome.inner, bench.options.clamp),
          .text("\(outcome.reader.block)/\(outcome.reader.neuron)"), .number(outcome.readerZ.up),
          change(outcome.up, bench.options.clamp),
        ])
      }
      return table
    }

    private func figure(_ outcomes: [Outcome]) -> Plot {
      let values = outcomes[0].inner.values
      var plot = Plot(
        name: "clamps", title: "Clamping neurons that stand for a noun",
        caption:
          "Mean change of the nouns' log probability over \(outcomes.count) nouns (bars: standard error). Behind the gate values are counted in the direction of the noun's z score at the output; before it, as they are.",
        x: .init("clamped value"), y: .init("change of the log probability", unit: "nats"))
      func curve(_ sweep: (Outcome) -> ClampSweep, signed: Bool) -> [Spread] {
        values.map { value in
          Spread(
            outcomes.compactMap { outcome in
              let sweep = sweep(outcome)
              let sign = signed && outcome.z.down < 0 ? -1.0 : 1
              return sweep.values.firstIndex(of: sign * value).map { sweep.meanChanges[$0] }
            })
        }
      }
      for (name, spreads) in [
        ("writing neuron, behind the gate", curve(\.inner, signed: true)),
        ("reading neuron, before the gate", curve(\.up, signed: false)),
      ] {
        plot.add(
          .linePoints, name, x: values, y: spreads.map(\.mean), error: spreads.map(\.standardError))
      }
      let clamp = bench.options.clamp
      let random = Spread(outcomes.flatMap { $0.random.meanChanges })
      plot.add(
        .points, "random neurons, behind the gate", x: [-clamp, clamp],
        y: [-clamp, clamp].map { value in
          Spread(outcomes.map { $0.random.meanChanges[$0.random.values.firstIndex(of: value)!] }).mean
        }, error: [random.standardError, random.standardError])
      return plot
    }
  }
}
