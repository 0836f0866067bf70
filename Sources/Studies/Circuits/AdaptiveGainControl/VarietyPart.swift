import Circuits
import Figures
import Foundation
import StudyCore
import Support

/// What of claim 1 hangs on the size and the symmetry of the network.
struct VarietyPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  func report() throws {
    var table = Table(
      name: "variety",
      caption:
        "Claim 1 in networks of other sizes, and in \(options.variedNetworks) networks with random preferences (±4°), amplitudes (±10 %) and weights (±30 %): shares of networks in which each part holds.",
      columns: [
        "networks", "gain lowest at the adapter", "responses fall", "all repelled", "means equalise",
        "covariances shrink", "largest repulsion (degrees)", "variation lower by (%)",
        "repelled neurons 10-45° (%)",
      ])
    let sizes = Set(options.sizes).sorted()
    let sized = try sizes.enumerated().map { index, size in
      try lab.progress("networks of other sizes", index, of: sizes.count, unit: "networks")
      return try bench.adaptation(bench.objective(neurons: size, stimuli: size))
    }
    for (size, found) in zip(sizes, sized) {
      table.append(row("\(size) neurons", [found]))
      lab.measure("size\(size).repulsion", found.largestRepulsion, unit: "degrees")
    }
    let generator = lab.generator("varied")
    try lab.progress("random networks", 0, of: options.variedNetworks, unit: "networks")
    let varied = try parallelMap(
      options.variedNetworks,
      throwing: { index in
        var own = generator.split(index)
        return try self.varied(&own)
      })
    table.append(row("random, \(options.neurons) neurons", varied))
    let signs = varied.map { SignsPart.Signs($0).all }
    for (k, name) in ["gain", "responses", "repulsion", "means", "covariance"].enumerated() {
      lab.measure("varied.\(name)", Double(signs.count { $0[k] }) / Double(signs.count))
    }
    lab.measure("varied.repelled", Spread(varied.map(Self.repelled)).mean)
    try lab.add(table)
    try ShiftFigures(lab).varied(varied.map(\.shifts), even: sized.last!.shifts)
  }

  /// A network without symmetry; each row of its weights keeps its sum, so that it stays stable.
  private func varied(_ generator: inout RandomGenerator) throws -> GainBench.Adaptation {
    let count = options.neurons
    let preferred = Orientation.even(count).map { $0 + 4 * generator.normal() }.map { angle in
      let turned = angle.truncatingRemainder(dividingBy: 180)
      return turned < 0 ? turned + 180 : turned
    }
    var weights = options.weights.matrix(preferred: preferred).map { $0 * exp(0.3 * generator.normal()) }
    let goal = options.recurrence - options.inhibition
    for i in 0..<count {
      let sum = weights[i * count..<(i + 1) * count].reduce(0, +)
      guard abs(sum) > 1e-9 else { continue }
      for j in 0..<count { weights[i * count + j] *= goal / sum }
    }
    let amplitudes = preferred.map { _ in exp(0.1 * generator.normal()) }
    let drive = options.tuning.drive(preferred: preferred, stimuli: Orientation.even(options.stimuli))
    let objective = try GainObjective(
      GainNetwork(
        weights: weights, neurons: count, variant: GainNetwork.Variant(rawValue: options.variant)!),
      drive: drive.scaled(by: amplitudes), activityPrice: options.activityPrice,
      homeostasis: options.homeostasis)
    return try bench.adaptation(objective, preferred: preferred)
  }

  private static func repelled(_ found: GainBench.Adaptation) -> Double {
    100 * Double(found.repulsion.count { $0 > 0 }) / Double(found.repulsion.count)
  }

  private func row(_ name: String, _ found: [GainBench.Adaptation]) -> [Table.Cell] {
    let signs = found.map { SignsPart.Signs($0).all }
    return [.text(name)]
      + (0..<5).map { k in .number(Double(signs.count { $0[k] }) / Double(signs.count)) }
      + [
        .number(Spread(found.map(\.largestRepulsion)).mean),
        .number(100 * Spread(found.map(\.report.equalisation)).mean),
        .number(Spread(found.map(Self.repelled)).mean),
      ]
  }
}
