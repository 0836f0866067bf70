import Alignment
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Single units: how well they match, which do, and what untrained networks, chance and rotated axes give.
struct MatchingPart {
  let layers: LayerComparisons
  let lab: Lab

  /// Above this the best match makes a unit reliable, below the other idiosyncratic.
  static let reliable = 0.8
  static let idiosyncratic = 0.5

  func run() throws {
    measure()
    try lab.add(table)
    lab.add(trainedClaim)
    lab.add(convergenceClaim)
    lab.add(depthClaim)
    lab.add(codeClaim)
    try MatchingFigures(layers: layers).all().forEach(lab.add)
    let dead = LayerComparisons.layers.map { layer -> Int in
      let all = layers.networks.map { $0.activity[layer]!.size(1) }
      return zip(layers.pairs, layers.byLayer[layer]!).reduce(0) {
        $0 + all[$1.0.first] - $1.1.firstUnits.count
      }
    }.reduce(0, +)
    lab.note(
      "Units that never change on the probe images have no correlation and are left out; over all pairs and layers \(dead) times a unit of the first network."
    )
  }

  private func measure() {
    for layer in LayerComparisons.layers {
      let values: [(String, (PairComparison) -> Double)] = [
        ("oneToOne", { $0.oneToOne.mean }), ("nearest", { $0.nearest.mean }), ("untrained", { $0.untrained }),
        ("shuffled", { $0.shuffled }), ("rotated", { $0.rotated.mean }),
        ("reliable", { $0.nearest.share(above: Self.reliable) }),
        ("idiosyncratic", { $0.nearest.share(below: Self.idiosyncratic) }),
      ]
      for (name, value) in values { lab.measure("\(name).\(layer)", layers.spread(layer, value).mean) }
    }
  }

  private var table: Table {
    var table = Table(
      name: "matching", caption: "Correlations of matched units, by layer and pair of networks.",
      columns: [
        "layer", "networks", "units", "most similar", "one to one", "with untrained", "shuffled samples",
        "rotated axes", "reliable share", "idiosyncratic share",
      ])
    for layer in LayerComparisons.layers {
      for (pair, found) in zip(layers.pairs, layers.byLayer[layer]!) {
        table.append([
          .text(layer), .text("\(pair.first)-\(pair.second)"), .integer(found.firstUnits.count),
          .number(found.nearest.mean), .number(found.oneToOne.mean), .number(found.untrained),
          .number(found.shuffled), .number(found.rotated.mean),
          .number(found.nearest.share(above: Self.reliable)),
          .number(found.nearest.share(below: Self.idiosyncratic)),
        ])
      }
    }
    return table
  }

  // MARK: Claims

  private static let decided = ["conv1", "conv3", "fc1"]

  private func text(_ names: [String], _ value: (PairComparison) -> Double) -> String {
    names.map { "\($0) \(layers.spread($0, value).text(3))" }.joined(separator: ", ")
  }

  private var trainedClaim: Claim {
    let (gain, beyond): ((PairComparison) -> Double, (PairComparison) -> Double) = (
      { $0.oneToOne.mean - $0.untrained }, { $0.oneToOne.mean - $0.shuffled }
    )
    let holds = Self.decided.allSatisfy {
      layers.over($0, gain).allSatisfy { $0 >= 0.05 } && layers.over($0, beyond).allSatisfy { $0 >= 0.2 }
    }
    return .decided(
      "1",
      "Networks trained from different starts have units that match one to one, beyond what chance and untrained networks give.",
      paper: "some features are learnt reliably in all of four AlexNets (figures)",
      test:
        "Mean correlation of the best one-to-one matching between trained networks, minus the same with an untrained network, and with shuffled samples.",
      criterion:
        "at least 0.05 above untrained and 0.2 above shuffled, on conv1, conv3 and fc1, in every pair",
      measured:
        "above untrained: \(text(Self.decided, gain)); above shuffled: \(text(Self.decided, beyond)); untrained networks themselves match by \(text(Self.decided, { $0.untrained }))",
      holds: holds,
      reason:
        "the least gain over untrained networks is \(short(Self.decided.flatMap { layers.over($0, gain) }.min()!)): untrained filters see the same images and match well too",
      unless: layers.obstacle)
  }

  private var convergenceClaim: Claim {
    let names = ["conv1", "fc1"]
    let reliable: (PairComparison) -> Double = { $0.nearest.share(above: Self.reliable) }
    let idiosyncratic: (PairComparison) -> Double = { $0.nearest.share(below: Self.idiosyncratic) }
    let gap: (PairComparison) -> Double = { $0.nearest.mean - $0.oneToOne.mean }
    let shares = names.flatMap { layers.over($0, reliable) + layers.over($0, idiosyncratic) }
    let gaps = names.flatMap { layers.over($0, gap) }
    let holds = shares.allSatisfy { $0 >= 0.1 } && gaps.allSatisfy { $0 >= 0.02 }
    return .decided(
      "2",
      "Some features are learnt by both networks, others by one of them only, and several units may share a partner.",
      paper: "sorted curves of the two matchings part, with tails of unmatched units (figures)",
      test:
        "Shares of units whose most similar unit correlates above 0.8 and below 0.5; most similar minus one to one.",
      criterion: "both shares at least 10 % on conv1 and fc1 in every pair, and the difference at least 0.02",
      measured:
        "above 0.8: \(text(names, reliable)); below 0.5: \(text(names, idiosyncratic)); difference: \(text(names, gap)); least share of any pair \(short(shares.min()!))",
      holds: holds,
      reason:
        "the least share in any pair is \(short(shares.min()!)) and the least difference \(short(gaps.min()!))",
      unless: layers.obstacle)
  }

  private var depthClaim: Claim {
    func better(_ layer: String) -> Int {
      zip(layers.byLayer[layer]!, layers.byLayer["conv3"]!).count { $0.oneToOne.mean > $1.oneToOne.mean }
    }
    let (early, late, all) = (better("conv1"), better("fc1"), layers.pairs.count)
    let needed = Int((Double(all) * 5 / 6).rounded(.up))
    let holds = early >= needed && late >= needed
    return .decided(
      "3", "Early and late layers match better than those in the middle.",
      paper: "matching is best in early and late convolutional layers",
      test: "Mean one-to-one correlation of conv1 and of fc1 against conv3, pair by pair.",
      criterion: "conv1 above conv3 and fc1 above conv3 in at least 5 of 6 pairs",
      measured:
        "conv1 above conv3 in \(early) of \(all) pairs, fc1 above conv3 in \(late); \(text(LayerComparisons.layers, { $0.oneToOne.mean }))",
      holds: holds, reason: "the order of the layers differs between pairs",
      unless: layers.obstacle)
  }

  private var codeClaim: Claim {
    let found = layers.byLayer["conv1"]!
    let margins = found.map { pair in
      (
        above: (pair.oneToOne.mean - pair.rotated.mean) / pair.rotated.deviation,
        below: (0.95 - pair.oneToOne.mean) / pair.rotated.deviation
      )
    }
    let holds = margins.allSatisfy { $0.above >= 2 && $0.below >= 2 }
    return .decided(
      "6",
      "The code is partly local and partly distributed: units match better than arbitrary axes of the same space, and worse than a local code would.",
      paper: "a mix of a local and slightly distributed codes",
      test:
        "Mean one-to-one correlation on conv1, against the same activity along random rotations of both standardised spaces, and against 0.95.",
      criterion:
        "above the rotations and below 0.95 by at least 2 standard deviations of the rotations, in every pair",
      measured:
        "real units \(text(["conv1"], { $0.oneToOne.mean })), rotated \(text(["conv1"], { $0.rotated.mean })); above by \(Spread(margins.map(\.above)).text(1)) deviations, below by \(Spread(margins.map(\.below)).text(1)); other layers: \(LayerComparisons.layers.dropFirst().map { "\($0) \(short(layers.spread($0) { $0.oneToOne.mean }.mean)) against \(short(layers.spread($0) { $0.rotated.mean }.mean))" }.joined(separator: ", "))",
      holds: holds,
      reason: "in a pair the real units lie within 2 deviations of a bound",
      unless: layers.obstacle)
  }
}
