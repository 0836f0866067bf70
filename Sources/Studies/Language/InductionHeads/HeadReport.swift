import Datasets
import Figures
import Foundation
import Models
import Probing
import Recordings
import Statistics
import StudyCore
import Support
import Tensors

/// Claims 2 and 3: what heads of trained networks do, alone, removed, and for those behind them.
struct HeadReport {
  let part: FormationPart
  let networks: [FormationPart.Network]
  private var lab: Lab { part.lab }
  private var heads: Int { part.options.heads }

  /// One network in the end.
  struct Dissection: Sendable {
    var accuracy: Double
    /// By head of the second block: strength, accuracy with it alone, and without it.
    var induction, alone, without: [Double]
    /// Of the strongest head's mistakes alone, the share that each head gets right alone.
    var rescued: [Double]
    /// By head of the first block.
    var previousToken: [Double]
    /// Accuracy without the first block's values: patterns kept, patterns and values kept, nothing kept.
    var patternsKept, allKept, nothingKept: Double
    /// The length of what the first block adds at labels, as a multiple of the labels' own vectors.
    var written: Double

    /// How accuracy alone goes with strength, by ranks.
    var correlation: Double { Correlation.spearman(induction, alone).coefficient }
    var strongHeads: Int { induction.count { $0 > 0.3 } }
    var leastWithout: Double { without.min()! }
    var previousHeads: Int { previousToken.count { $0 > 0.4 } }
  }

  func report() throws {
    let found = try parallelMap(networks.count) { try dissect(networks[$0], seed: $0) }
    lab.add(additive(found))
    for claim in causal(found) { lab.add(claim) }
    try lab.add(table(found))
    try lab.add(ablationTable(found))
    for figure in figures(found) { try lab.add(figure) }
  }

  private func dissect(_ network: FormationPart.Network, seed: Int) throws -> Dissection {
    let batch = part.bench.batch(network.sampler, 2 * part.options.sequences, seed: 1_000 + seed)
    func outcome(_ clamps: [AttentionClamp] = []) throws -> FastAttentionOnlyTransformer.Outcome {
      try network.trained.outcome(of: batch, network.sampler.features, clamps: clamps)
    }
    let plain = try outcome()
    let second = AttentionHead.all(1..<2, heads: heads)
    let first = AttentionClamp.ablate(AttentionHead.all(0..<1, heads: heads))
    let induction = try HeadStrength.induction(plain.patterns[1], heads: heads, batch)
    let alone = try second.map { head in try outcome([.ablate(second.filter { $0 != head })]) }
    let strongest = induction.indices.max { induction[$0] < induction[$1] }!
    let mistakes = alone[strongest].isCorrect.indices.filter { !alone[strongest].isCorrect[$0] }
    return Dissection(
      accuracy: plain.accuracy, induction: induction, alone: alone.map(\.accuracy),
      without: try second.map { try outcome([.ablate([$0])]).accuracy },
      rescued: alone.map { head in
        Double(mistakes.count { head.isCorrect[$0] }) / Double(max(1, mistakes.count))
      },
      previousToken: try HeadStrength.previousToken(plain.patterns[0], heads: heads, batch),
      patternsKept: try outcome([.preservePatterns, first]).accuracy,
      allKept: try outcome([.preservePatterns, .preserveValues, first]).accuracy,
      nothingKept: try outcome([first]).accuracy, written: try written(network, batch))
  }

  private func written(_ network: FormationPart.Network, _ batch: FewShotBatch) throws -> Double {
    let recorder = ActivityRecorder("**")
    let laboratory = try network.trained.laboratory()
    _ = try withInstruments(recorder) {
      try Torch.onOneThread { try withoutGradients { try laboratory(batch, network.sampler.features) } }
    }
    let sites = recorder.taken()
    let places = (0..<batch.count).flatMap { sequence in
      (0..<batch.contextPairs).map { sequence * batch.length + 2 * $0 + 1 }
    }
    func length(_ site: String) -> Double {
      sites[site]!.selected(Tensor(places), axis: 0).norm(axes: [1]).mean().item
    }
    return length("blocks.0.attention") / length("embedding")
  }

  private func percent(_ value: Double) -> String { String(format: "%.1f %%", 100 * value) }

  private func listed(_ values: [Double]) -> String {
    values.map { String(format: "%.2f", $0) }.joined(separator: ", ")
  }

  private func needed(_ found: [Dissection]) -> Int { Int((0.8 * Double(found.count)).rounded(.up)) }

  private func additive(_ found: [Dissection]) -> Claim {
    let passing = found.count { $0.strongHeads >= 3 && $0.leastWithout > 0.9 && $0.correlation > 0.8 }
    let best = found.map { $0.alone.max()! }
    lab.measure("heads.strong", Spread(found.map { Double($0.strongHeads) }).mean)
    lab.measure("heads.correlation", Spread(found.map(\.correlation)).mean)
    lab.measure("heads.leastWithout", Spread(found.map(\.leastWithout)).mean)
    lab.measure("heads.bestAlone", Spread(best).mean)
    return .decided(
      "2", "Several induction heads form, of different strength, and add up",
      paper:
        "strengths of 0.10 to 0.85; 98.0 % correct with the strongest head alone, 29 to 77 % with the others; removing one hardly matters",
      test:
        "heads of the second block of \(found.count) networks on \(2 * part.options.sequences) sequences: attention to the right label less the wrong one; accuracy with one head alone, and without it",
      criterion:
        "three heads or more of strength above 0.3, accuracy above 90 % without any one of them, and accuracy alone goes with strength (rank correlation above 0.8); in four of five networks",
      measured:
        "\(passing) of \(found.count) networks; heads above 0.3: \(found.map { "\($0.strongHeads)" }.joined(separator: ", ")); least accuracy without one \(found.map { percent($0.leastWithout) }.joined(separator: ", ")); rank correlations \(listed(found.map(\.correlation))); best alone \(best.map(percent).joined(separator: ", ")). Strengths of the first network: \(listed(found[0].induction))",
      holds: passing >= needed(found),
      reason: found.contains { $0.leastWithout <= 0.9 || $0.strongHeads < 3 }
        ? "in some networks few heads carry the task"
        : "what a head can do alone also depends on how well its output is read, not on where it looks only",
      unless: part.obstacle ?? untrained(found))
  }

  private func untrained(_ found: [Dissection]) -> String? {
    found.contains { $0.accuracy < 0.9 } ? "a network had not learned the task" : nil
  }

  private func causal(_ found: [Dissection]) -> [Claim] {
    let heads = found.map { "\($0.previousHeads)" }.joined(separator: ", ")
    func listed(_ value: (Dissection) -> Double) -> String {
      found.map { percent(value($0)) }.joined(separator: ", ")
    }
    func passing(_ kept: (Dissection) -> Double) -> Int {
      found.count {
        $0.previousHeads >= 2 && abs(kept($0) - $0.accuracy) < 0.01 && $0.nothingKept < 0.7
      }
    }
    lab.measure("previous.heads", Spread(found.map { Double($0.previousHeads) }).mean)
    lab.measure("previous.patternsKept", Spread(found.map(\.patternsKept)).mean)
    lab.measure("previous.allKept", Spread(found.map(\.allKept)).mean)
    lab.measure("previous.nothingKept", Spread(found.map(\.nothingKept)).mean)
    let written = Spread(found.map(\.written))
    lab.measure("previous.written", written.mean)
    let (patterns, all) = (passing(\.patternsKept), passing(\.allKept))
    let common =
      "heads above 0.4: \(heads); accuracy \(listed(\.accuracy)), plainly ablated \(listed(\.nothingKept))"
    let few =
      found.count(where: { $0.previousHeads >= 2 }) < needed(found)
      ? "fewer than two heads attend from labels to the exemplar before" : nil
    return [
      .decided(
        "3",
        "Heads of the first block attend to the token before, and matter by the second block's patterns alone",
        paper: "several previous-token heads that feed induction heads many to many",
        test:
          "attention from labels to the exemplar before; accuracy without the first block's values, with all patterns kept and not",
        criterion:
          "two heads or more above 0.4; accuracy changes by less than one point with patterns kept, and falls below 70 % otherwise; in four of five networks",
        measured:
          "\(patterns) of \(found.count) networks; \(common), with patterns kept \(listed(\.patternsKept))",
        holds: patterns >= needed(found),
        reason: few
          ?? "what the first block adds at labels is \(short(written.mean)) times as long as the labels' own vectors, and sets the scale that the second block's norm gives them: values are other ones without it",
        unless: part.obstacle ?? untrained(found)),
      .decided(
        "3a", "What the first block adds is not read directly",
        paper: "accuracy 99.999 %, and 99.986 % with patterns and values kept and the first block silenced",
        test: "as before, with the second block's patterns and values kept",
        criterion:
          "two heads or more above 0.4; accuracy changes by less than one point with patterns and values kept, and falls below 70 % otherwise; in four of five networks",
        measured:
          "\(all) of \(found.count) networks; \(common), with patterns and values kept \(listed(\.allKept))",
        holds: all >= needed(found), reason: few ?? "the readout sees the first block at the query",
        unless: part.obstacle ?? untrained(found)),
    ]
  }

  private func table(_ found: [Dissection]) -> Table {
    var table = Table(
      name: "heads",
      caption:
        "Heads of every trained network: attention to the token before (first block); induction strength, accuracy alone and without it, and the share of the strongest head's mistakes that it gets right alone (second block).",
      columns: [
        "network", "head", "to the token before", "induction strength", "accuracy alone", "accuracy without",
        "mistakes rescued",
      ])
    for (index, network) in found.enumerated() {
      for head in 0..<heads {
        table.append([
          .integer(index), .integer(head), .number(network.previousToken[head]),
          .number(network.induction[head]), .number(network.alone[head]), .number(network.without[head]),
          .number(network.rescued[head]),
        ])
      }
    }
    return table
  }

  private func ablationTable(_ found: [Dissection]) -> Table {
    var table = Table(
      name: "first-block", caption: "Accuracy without the values of the first block's heads.",
      columns: ["network", "whole", "patterns kept", "patterns and values kept", "nothing kept"])
    for (index, network) in found.enumerated() {
      table.append([
        .integer(index), .number(network.accuracy), .number(network.patternsKept), .number(network.allKept),
        .number(network.nothingKept),
      ])
    }
    return table
  }

  private func figures(_ found: [Dissection]) -> [Plot] {
    let first = networks[0]
    func course(_ name: String, _ title: String, _ caption: String, _ label: String, _ values: [[Double]])
      -> Plot
    {
      var plot = Plot(
        name: name, title: title, caption: caption, x: .init("step"), y: .init(label, range: -0.2...1))
      for head in 0..<heads {
        plot.add(
          .line, "head \(head)", x: first.iterations.map(Double.init), y: values.map { $0[head] })
      }
      if let time = first.change.time { plot.marks = [.vertical(Double(time), label: "0.4 ln 2")] }
      return plot
    }
    var scatter = Plot(
      name: "strength-accuracy", title: "What heads can do alone",
      caption:
        "Every head of the second block of \(found.count) networks: accuracy with it alone, and with all but it, over its induction strength.",
      x: .init("induction strength"), y: .init("accuracy", range: 0...1.05))
    scatter.add(.points, "alone", x: found.flatMap(\.induction), y: found.flatMap(\.alone))
    scatter.add(.points, "all but it", x: found.flatMap(\.induction), y: found.flatMap(\.without))
    return [
      course(
        "induction-course", "Induction heads form at the phase change",
        "Attention from the query to the right label less that to the wrong one, for the heads of the second block of one network.",
        "induction strength", first.induction),
      course(
        "previous-course", "Heads that attend to the token before",
        "Attention from labels to the exemplar before them, for the heads of the first block of one network.",
        "attention to the token before", first.previousToken), scatter,
    ]
  }
}
