import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support

/// The neurons that follow sentences and phrases: where they are, whether the same ones come again, and how many chance gives.
struct SelectionPart {
  let bench: RhythmBench
  let responses: RhythmResponses
  let lab: Lab

  /// The paper's selection.
  func run() throws -> TaggedNeurons {
    try lab.progress("testing neurons", 0, of: 4, unit: "tests")
    let (real, control) = (responses.sentences.neurons, responses.broken.neurons)
    let test = TaggedNeurons.test(bench, real)
    let found = TaggedNeurons(bench, real, control, test: test)
    let scaled = [TaggedNeurons.Scale.withinLayer, .normalised].map {
      ($0, TaggedNeurons(bench, real, control, $0, test: test))
    }
    try lab.progress("testing neurons", 1, of: 4, unit: "tests")
    let chance = TaggedNeurons(bench, responses.sentences.permuted!, control)
    try lab.progress("testing neurons", 2, of: 4, unit: "tests")
    let halves = responses.halves.map { TaggedNeurons(bench, $0.sentences.neurons, $0.broken.neurons) }
    measure(found, chance)
    lab.add(profileClaim(found, halves))
    lab.add(distinctClaim(found))
    try lab.add(table(found, scaled))
    try SelectionFigures(bench: bench, responses: responses, found: found, scaled: scaled, halves: halves)
      .all().forEach(lab.add)
    lab.note(
      "By chance: with the words of every recorded stream in another random order, \(percent(chance.significant[0])) and \(percent(chance.significant[1])) of the neurons pass the permutation test of sentence and phrase (5 % are expected), and \(chance.selected[0].count) and \(chance.selected[1].count) neurons would be selected, against \(found.selected[0].count) and \(found.selected[1].count). Random phases would be no control here: they leave the amplitude of a series as it is."
    )
    return found
  }

  private func percent(_ count: Int) -> String {
    String(format: "%.1f %%", 100 * Double(count) / Double(bench.blocks * bench.neurons))
  }

  private func measure(_ found: TaggedNeurons, _ chance: TaggedNeurons) {
    let total = Double(bench.blocks * bench.neurons)
    for (tag, name) in TaggedNeurons.names.enumerated() {
      lab.measure("significant.\(name)", Double(found.significant[tag]) / total)
      lab.measure("significant.chance.\(name)", Double(chance.significant[tag]) / total)
      lab.measure("selected.\(name)", Double(found.selected[tag].count))
      lab.measure("selected.chance.\(name)", Double(chance.selected[tag].count))
    }
    lab.measure("selected.shared", Double(found.shared.count))
  }

  private func profileClaim(_ found: TaggedNeurons, _ halves: [TaggedNeurons]) -> Claim {
    let counts = TaggedNeurons.counts(found.selected[0], bench.layers)
    let test = ChiSquareTest(counts.map { [$0, bench.neurons - $0] })
    let profiles = halves.map { TaggedNeurons.shares($0.selected[0], bench.layers) }
    let agreement = Correlation.spearman(profiles[0], profiles[1]).coefficient
    let overlap = JaccardIndex.of(halves[0].selected[0], halves[1].selected[0])
    lab.measure("profile.chiSquare", test.statistic)
    lab.measure("profile.agreement", agreement)
    lab.measure("profile.jaccard", overlap)
    let holds = test.pValue < 0.01 && agreement > 0.7
    let peak = counts.indices.max { (counts[$0], $1) < (counts[$1], $0) }!
    return Claim(
      "3", "Sentence neurons are unevenly spread over layers, and in the same way for other sentences.",
      paper: "analogous layers process sentences and phrases in all models (figures)",
      test:
        "Chi-square test of the share of sentence neurons by layer; Spearman's correlation of the shares found with two disjoint halves of the sentences.",
      criterion: "p < 0.01 and correlation above 0.7",
      measured:
        "chi-square \(short(test.statistic)) of \(test.freedom) degrees, p \(test.pValue > 0 ? "= " + short(test.pValue) : "< 1e-300"); correlation \(short(agreement)); most in layer \(peak) (\(String(format: "%.1f %%", 100 * Double(counts[peak]) / Double(bench.neurons)))); the single neurons of the halves share \(short(overlap)) of their union",
      holds: holds,
      reason: holds
        ? nil
        : "p = \(short(test.pValue)), correlation of the profiles \(short(agreement))")
  }

  private func distinctClaim(_ found: TaggedNeurons) -> Claim {
    let shared = TaggedNeurons.counts(found.shared, bench.layers)
    let all = TaggedNeurons.counts(found.all, bench.layers)
    let used = all.indices.filter { all[$0] > 0 }
    let distinct = used.count { all[$0] - shared[$0] > shared[$0] }
    let jaccard = JaccardIndex.of(found.selected[0], found.selected[1])
    let holds = !used.isEmpty && 2 * distinct > used.count && jaccard < 0.5
    return Claim(
      "4", "Neurons of sentences and of phrases are partly distinct.",
      paper: "exclusive and shared neurons in all layers (figures)",
      test:
        "By layer, neurons selected for one rate only against those selected for both; Jaccard index of the two sets.",
      criterion: "more exclusive than shared in most layers that have any, Jaccard index below 0.5",
      measured:
        "\(found.selected[0].count) sentence and \(found.selected[1].count) phrase neurons, \(found.shared.count) of them both: Jaccard \(short(jaccard)); more exclusive in \(distinct) of \(used.count) layers",
      holds: holds,
      reason: holds
        ? nil : "Jaccard index \(short(jaccard)), more exclusive in \(distinct) of \(used.count) layers")
  }

  private func table(_ found: TaggedNeurons, _ scaled: [(TaggedNeurons.Scale, TaggedNeurons)]) -> Table {
    var table = Table(
      name: "layers",
      caption:
        "Selected neurons by layer: as the paper selects, and with excess put in proportion within layers or by normalised series.",
      columns: ["layer", "sentence", "phrase", "both"]
        + scaled.flatMap { ["sentence, \($0.0.rawValue)", "phrase, \($0.0.rawValue)"] })
    func counts(_ set: Set<Int>) -> [Int] { TaggedNeurons.counts(set, bench.layers) }
    let columns =
      [counts(found.selected[0]), counts(found.selected[1]), counts(found.shared)]
      + scaled.flatMap { [counts($0.1.selected[0]), counts($0.1.selected[1])] }
    for layer in 0..<bench.blocks {
      table.append([.integer(layer)] + columns.map { .integer($0[layer]) })
    }
    return table
  }
}
