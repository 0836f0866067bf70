import Figures
import Neurons
import StudyCore
import Support

/// Claim 8: what each mechanism is for, said beforehand.
struct AblationPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }
  private static let (cues, bits, density) = (20, 30, 0.3)

  private enum Function: Int, CaseIterable {
    case content, alone, cues, overwriting
    var name: String {
      switch self {
      case .content: "content by cue"
      case .alone: "the cue alone"
      case .cues: "cues by bit"
      case .overwriting: "overwriting"
      }
    }
  }

  private struct Variant: Sendable {
    let name: String
    /// The function that it should break.
    let predicted: Function?
    let parameters: ContentAddressableMemory.Parameters
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  private var variants: [Variant] {
    func without(_ change: (inout ContentAddressableMemory.Parameters) -> Void)
      -> ContentAddressableMemory.Parameters
    {
      var parameters = bench.parameters
      change(&parameters)
      return parameters
    }
    return [
      Variant(name: "intact", predicted: nil, parameters: bench.parameters),
      Variant(
        name: "no inhibition of other cues", predicted: .cues,
        parameters: without {
          $0.connections.lateralInhibition.weight = 0
          $0.connections.cueCueInhibition.weight = 0
        }),
      Variant(
        name: "no gate", predicted: .alone,
        parameters: without { $0.connections.cueCueToCondition.weight = 0 }),
      Variant(
        name: "no depression", predicted: .overwriting, parameters: without { $0.learning.depression = 0 }),
      Variant(
        name: "only cueCue inhibits", predicted: nil,
        parameters: without { $0.connections.lateralInhibition.weight = 0 }),
      Variant(
        name: "only cueContent inhibits", predicted: nil,
        parameters: without { $0.connections.cueCueInhibition.weight = 0 }),
      Variant(
        name: "no interneuron", predicted: nil,
        parameters: without { $0.connections.contentCueToInterneuron.weight = 0 }),
    ]
  }

  func run() throws {
    let variants = self.variants
    let count = options.ablationNetworks
    // The same memories for every variant.
    let results = try bench.repeated("ablations", count) { _, generator in
      try variants.map { variant in
        var own = generator
        return try shares(variant, &own)
      }
    }
    let means = variants.indices.map { variant in
      Function.allCases.map { function in Spread(results.map { $0[variant][function.rawValue] }) }
    }
    try lab.add(table(variants, means))
    try lab.add(figure(variants, means))
    for (id, place) in [("8a", 1), ("8b", 2), ("8c", 3)] {
      lab.add(claim(id, variants[place], means[place], intact: means[0]))
    }
  }

  /// By function, the share that is right.
  private func shares(_ variant: Variant, _ generator: inout RandomGenerator) throws -> [Double] {
    let memories = RandomMemories(
      cues: Self.cues, bits: Self.bits, density: Self.density, using: &generator)
    let graded = try bench.graded(
      memories.learning + memories.allCues + memories.allBits,
      in: try bench.memory(Self.cues, Self.bits, parameters: variant.parameters), .every(14))
    let (cues, bits) = (graded.byCue, graded.byContent)
    let overwriting = try OverwritingPart.result(
      bench, try bench.memory(Self.cues, Self.bits, parameters: variant.parameters), density: Self.density,
      &generator)
    let alone = graded.filter {
      guard case .recallByCue(let cue) = $0.answer.operation else { return false }
      return $0.answer.isClean && $0.answer.cues == [cue]
    }.count
    return [
      cues.exactShare, Double(alone) / Double(cues.asked), bits.exactShare,
      Double(overwriting.clean) / Double(max(1, overwriting.cues)),
    ]
  }

  private func table(_ variants: [Variant], _ means: [[Spread]]) -> Table {
    var table = Table(
      name: "ablations",
      caption:
        "Share of right answers without each mechanism, \(options.ablationNetworks) networks of \(Self.cues) cues and \(Self.bits) bits: contents by cue; cues that answer alone, without any other output; cues by one bit; overwritten cues without an old bit.",
      columns: ["network"] + Function.allCases.map(\.name) + ["should break"])
    for (variant, mean) in zip(variants, means) {
      table.append(
        [.text(variant.name)] + mean.map { .number($0.mean) } + [
          .text(variant.predicted?.name ?? "nothing said")
        ])
      for function in Function.allCases {
        lab.measure(
          "ablations.\(variant.name.replacing(" ", with: "-")).\(function)", mean[function.rawValue].mean)
      }
    }
    return table
  }

  private func figure(_ variants: [Variant], _ means: [[Spread]]) -> Plot {
    let shown = 4
    var plot = Plot(
      name: "ablations", title: "Each mechanism has its function",
      caption:
        "Share of right answers for four functions of the memory, intact and without inhibition of other cues, without the gate, and without depression. Bars: standard deviation over networks.",
      x: .init(
        "", range: -0.6...(Double(shown) - 0.4),
        ticks: variants.prefix(shown).enumerated().map { (Double($0), $1.name) }),
      y: .init("right answers", range: 0...1.08))
    for function in Function.allCases {
      let offset = 0.15 * (Double(function.rawValue) - 1.5)
      plot.add(
        .points, function.name, x: (0..<shown).map { Double($0) + offset },
        y: (0..<shown).map { means[$0][function.rawValue].mean },
        error: (0..<shown).map { means[$0][function.rawValue].deviation })
    }
    return plot
  }

  private func claim(_ id: String, _ variant: Variant, _ means: [Spread], intact: [Spread]) -> Claim {
    let function = variant.predicted!
    let (own, whole) = (means[function.rawValue].mean, intact[function.rawValue].mean)
    let holds = whole == 1 && own < 0.9
    let rest = Function.allCases.filter { $0 != function }.map {
      "\($0.name) \(MemoryBench.percent(means[$0.rawValue].mean))"
    }
    let meaning =
      switch function {
      case .cues: "Inhibition of other cues keeps memories apart that share content"
      case .alone: "The gate keeps what a cue recalls from recalling other cues"
      case .overwriting: "Depression makes room for what is learnt again"
      case .content: "The cue recalls its content"
      }
    return Claim(
      id, "\(meaning): '\(variant.name)' breaks \(function.name).",
      paper: "by design; no ablation",
      test: "\(options.ablationNetworks) networks with the same memories, intact and without.",
      criterion: "\(function.name): all right in the intact network, less than 90 % without",
      measured:
        "\(function.name) \(MemoryBench.percent(whole)) intact, \(MemoryBench.percent(own)) without; \(rest.joined(separator: ", "))",
      holds: holds,
      reason: holds
        ? nil : whole < 1 ? "the intact network is not perfect either" : "\(function.name) survives")
  }
}
