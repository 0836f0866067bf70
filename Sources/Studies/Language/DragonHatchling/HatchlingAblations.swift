import Figures
import Models
import StudyCore
import Support

/// What each part of the design is worth.
struct HatchlingAblations {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }

  init(_ bench: HatchlingBench) { self.bench = bench }

  struct Variant {
    var name: String
    var what: String
    var shape: DragonHatchlingConfiguration
  }

  static func variants(_ shape: DragonHatchlingConfiguration) -> [Variant] {
    func changed(_ name: String, _ what: String, _ change: (inout DragonHatchlingConfiguration) -> Void)
      -> Variant
    {
      var shape = shape
      change(&shape)
      return Variant(name: name, what: what, shape: shape)
    }
    return [
      changed("published", "as published") { _ in },
      changed("softmax", "softmax attention") { $0.attention = .softmax },
      changed("itself", "positions read themselves") { $0.readsItself = true },
      changed("ungated", "no gate by activity") { $0.gatesByActivity = false },
      changed("one-head", "one head") {
        $0.neuronsPerHead *= $0.heads
        $0.heads = 1
      },
      changed("untied", "a set of matrices for each layer") { $0.sharesLayers = false },
      changed("detached", "no gradient through attention (no BPTT)") { $0.detachesAttention = true },
      changed("equation-8", "activity as residual (Equation 8)") { $0.residual = .neurons },
    ]
  }

  func run() throws {
    let variants = Self.variants(options.hatchling(options.width))
    let base = bench.outcomes["ablation-published"]!.loss
    var table = Table(
      name: "ablations",
      caption: "Loss on held-out text after \(options.ablationSteps) steps, one seed, same batches",
      columns: ["variant", "parameters", "loss (nats/byte)", "over published"])
    var losses: [Double] = []
    for variant in variants {
      let loss = bench.outcomes["ablation-\(variant.name)"]!.loss
      losses.append(loss)
      table.append([
        .text(variant.what), .integer(variant.shape.parameterCount), .number(loss), .number(loss - base),
      ])
      lab.measure("ablation.\(variant.name)", loss, unit: "nats/byte")
    }
    try lab.add(table)
    var plot = Plot(
      name: "ablations", title: "What each part is worth",
      caption:
        "Loss on held-out text above that of the published design after \(options.ablationSteps) steps on the same batches; untied layers have \(options.layers) times the matrices.",
      x: .init(
        "", range: -0.6...Double(variants.count) - 1.4,
        ticks: variants.dropFirst().enumerated().map { (Double($0), $1.name) }),
      y: .init("loss above published", unit: "nats/byte"))
    plot.add(
      .bars, "", x: variants.indices.dropLast().map(Double.init), y: losses.dropFirst().map { $0 - base })
    plot.marks = [.horizontal(0, label: "")]
    try lab.add(plot)
  }
}
