import Probing
import Support

/// The responses to all arrangements of the sentences.
struct RhythmResponses {
  let sentences, broken, shuffled, random, exchanged, untrained: RhythmBench.Response
  /// Sentences and broken ones, of either half of the corpus.
  let halves: [(sentences: RhythmBench.Response, broken: RhythmBench.Response)]

  init(_ bench: RhythmBench) throws {
    sentences = try bench.response("sentences", .sentences, permuting: true)
    broken = try bench.response("broken sentences", .brokenSentences)
    shuffled = try bench.response("shuffled sentences", .shuffledSentences)
    random = try bench.response("random words", .randomUnits)
    exchanged = try bench.response("exchanged words", .exchangedUnits)
    untrained = try bench.response("sentences, untrained", .sentences, isTrained: false)
    var generator = bench.lab.generator("halves")
    halves = try bench.corpus.halves(using: &generator).enumerated().map { half, corpus in
      (
        try bench.response("sentences, half \(half + 1)", .sentences, of: corpus),
        try bench.response("broken sentences, half \(half + 1)", .brokenSentences, of: corpus)
      )
    }
  }
}

/// Which neurons follow sentences, and which phrases.
struct TaggedNeurons: Sendable {
  /// Tags that are looked at, in the order of the results.
  static let names = ["sentence", "phrase"]

  /// By tag: how many neurons pass the permutation test.
  let significant: [Int]
  /// By tag, for every neuron: excess over the control, and its z over all neurons.
  let contrasts, z: [[Double]]
  /// By tag: the selected neurons.
  let selected: [Set<Int>]

  /// How excess is put in proportion before neurons are selected.
  enum Scale: String, CaseIterable {
    /// As it is, over all neurons: the paper's.
    case plain = "all neurons"
    /// As it is, within each layer.
    case withinLayer = "within layers"
    /// Of series divided by their standard deviation, over all neurons.
    case normalised = "normalised series"
  }

  /// The paper's pipeline: those that exceed random orders of their own series, and by how much they exceed the control.
  ///
  /// - Parameter test: Of the experiment's series, where it has been made.
  init(
    _ bench: RhythmBench, _ experiment: TaggedResponse, _ control: TaggedResponse, _ scale: Scale = .plain,
    test: FrequencyTagging.PermutationOutcome? = nil
  ) {
    let test = test ?? Self.test(bench, experiment)
    let isSignificant = test.isSignificant
    significant = isSignificant.map { tag in
      tag[0].indices.count { neuron in tag.contains { $0[neuron] } }
    }
    let isNormalised = scale == .normalised
    contrasts = bench.tagging.contrast(
      isNormalised ? experiment.normalised : experiment.amplitudes,
      isNormalised ? control.normalised : control.amplitudes, significant: isSignificant)
    z = contrasts.map {
      scale == .withinLayer
        ? FrequencyTagging.zScores($0, parts: bench.layers) : FrequencyTagging.zScores($0)
    }
    selected = z.map { Set(FrequencyTagging.selected($0, above: bench.options.z)) }
  }

  static func test(_ bench: RhythmBench, _ response: TaggedResponse) -> FrequencyTagging.PermutationOutcome {
    var generator = bench.lab.generator("permutations")
    return bench.tagging.permutationTest(
      response.series, permutations: bench.options.permutations, quantile: bench.options.quantile,
      using: &generator)
  }

  /// Neurons that follow both.
  var shared: Set<Int> { selected[0].intersection(selected[1]) }
  /// Neurons that follow one of the two.
  var all: Set<Int> { selected[0].union(selected[1]) }

  /// The share of each layer's neurons that are in a set.
  static func shares(_ set: Set<Int>, _ layers: [Range<Int>]) -> [Double] {
    counts(set, layers).map { Double($0) / Double(layers[0].count) }
  }

  static func counts(_ set: Set<Int>, _ layers: [Range<Int>]) -> [Int] {
    var counts = [Int](repeating: 0, count: layers.count)
    for neuron in set { counts[neuron / layers[0].count] += 1 }
    return counts
  }
}
