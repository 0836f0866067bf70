import Datasets
import Models
import Probing
import Recordings
import Support
import Tensors
import Testing

struct HeadStrengthTests {
  private let batch = FewShotBatch(
    contextPairs: 2, exemplars: [0, 1, 1, 2, 3, 2], labels: [4, 0, 1, 3], matches: [1, 0])

  @Test func strengthsAreDifferencesOfAttention() throws {
    var patterns = [Float](repeating: 0, count: 2 * 2 * 25)
    func set(_ sequence: Int, _ head: Int, _ row: Int, _ column: Int, _ value: Float) {
      patterns[((sequence * 2 + head) * 5 + row) * 5 + column] = value
    }
    set(0, 0, 4, 3, 0.8)
    set(0, 0, 4, 1, 0.1)
    set(1, 0, 4, 1, 0.3)
    set(1, 0, 4, 3, 0.6)
    set(0, 1, 1, 0, 1)
    set(0, 1, 3, 2, 0.5)
    set(1, 1, 1, 0, 0.5)
    let induction = try HeadStrength.induction(patterns, heads: 2, batch)
    #expect(abs(induction[0] - 0.2) < 1e-6)
    #expect(induction[1] == 0)
    let previous = try HeadStrength.previousToken(patterns, heads: 2, batch)
    #expect(previous[0] == 0)
    #expect(abs(previous[1] - 0.5) < 1e-6)
    #expect(throws: CajalError.self) { try HeadStrength.induction(patterns, heads: 3, batch) }
    #expect(throws: CajalError.self) { try HeadStrength.previousToken([], heads: 0, batch) }
  }

  @Test func clampedHeadsHaveTheirStrength() throws {
    var generator = RandomGenerator(seed: 1)
    let features = FewShotFeatures.made(classes: 4, exemplars: 1, dimension: 6, using: &generator)
    let network = try FastAttentionOnlyTransformer(
      .init(dimension: 6, width: 16, heads: 2), using: &generator)
    let outcome = try network.outcome(
      of: batch, features,
      clamps: [
        .pattern([AttentionHead(1, 1)], .induction(strength: 0.9)),
        .pattern([AttentionHead(0, 0)], .previousToken(strength: 0.7)),
      ])
    let induction = try HeadStrength.induction(outcome.patterns[1], heads: 2, batch)
    #expect(abs(induction[1] - 0.8) < 1e-6)
    let previous = try HeadStrength.previousToken(outcome.patterns[0], heads: 2, batch)
    #expect(abs(previous[0] - 0.7) < 1e-6)
  }
}

struct PhaseChangeTests {
  @Test func changesAreTimed() throws {
    let change = try PhaseChange(
      iterations: [0, 10, 20, 30, 40, 50, 60], losses: [1.6, 1.05, 0.98, 1.02, 0.85, 0.5, 0.3], plateau: 1)
    #expect(change.plateauLength == 20 && change.onset == 40 && change.time == 60)
    #expect(abs(change.abruptness! - 1.0 / 3) < 1e-12)
    let never = try PhaseChange(iterations: [0, 1], losses: [1, 1], plateau: 1)
    #expect(never.time == nil && never.abruptness == nil && never.plateauLength == 1)
    #expect(throws: CajalError.self) { try PhaseChange(iterations: [0, 0], losses: [1, 1], plateau: 1) }
    #expect(throws: CajalError.self) { try PhaseChange(iterations: [0], losses: [], plateau: 1) }
  }
}

struct RepeatedTokensTests {
  @Test func scoresAreMeansOfDiagonals() throws {
    let decoder = tinyDecoder()
    let probe = try RepeatedTokens(decoder, series: [[5, 9, 200, 3], [7, 7, 1, 90]])
    #expect(probe.length == 4 && probe.sequences[0] == [5, 9, 200, 3, 5, 9, 200, 3])
    let scores = probe.headScores()
    let recorder = ActivityRecorder("blocks.1.attention.pattern")
    _ = withInstruments(recorder) { withoutGradients { decoder.hidden(Decoder.batch(probe.sequences)) } }
    // [2 texts, 2 heads, 8, 8] as rows of 8.
    let rows = recorder.taken()["blocks.1.attention.pattern"]!.doubles
    var (induction, previous) = (0.0, 0.0)
    for text in 0..<2 {
      for row in 1..<8 {
        let place = ((text * 2 + 1) * 8 + row) * 8
        if row >= 4 { induction += rows[place + row - 3] / 8 }
        previous += rows[place + row - 1] / 14
      }
    }
    #expect(abs(scores.induction[1][1] - induction) < 1e-6)
    #expect(abs(scores.previousToken[1][1] - previous) < 1e-6)
    let ranked = scores.ranked(by: scores.induction)
    let values = ranked.map { scores.induction[$0.block][$0.head] }
    #expect(ranked.count == 6 && values == values.sorted(by: >))
  }

  @Test func silencedHeadsWriteNothing() throws {
    let decoder = tinyDecoder()
    let probe = try RepeatedTokens(decoder, series: [[5, 9, 200, 3, 77]])
    let heads = [AttentionHead(2, 1), AttentionHead(0, 0), AttentionHead(2, 0)]
    let recorder = ActivityRecorder("blocks.*.attention")
    _ = withInstruments(heads.ablations()) {
      withInstruments(recorder) { withoutGradients { decoder.hidden(Decoder.batch(probe.sequences)) } }
    }
    let sites = recorder.taken()
    #expect(sites["blocks.2.attention"]!.abs().max().item == 0)
    #expect(sites["blocks.0.attention"]!.abs().max().item > 0)
    let text = decoder.logLikelihoods(probe.sequences)[0]
    let (copy, first) = (Spread(Array(text.suffix(5))).mean, Spread(Array(text.prefix(4))).mean)
    #expect(abs(probe.copyLoss() + copy) < 1e-9)
    #expect(abs(probe.firstLoss() + first) < 1e-9)
    #expect(probe.copyLoss(without: heads) != probe.copyLoss())
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let decoder = tinyDecoder()
    func problem(_ series: [[Int]]) -> String {
      (#expect(throws: CajalError.self) { try RepeatedTokens(decoder, series: series) })?.message ?? ""
    }
    #expect(problem([[1, 2, 3], [1, 2]]).contains("[3, 2]"))
    #expect(problem([[1, 2, 256]]).contains("256"))
    #expect(problem([[Int](repeating: 1, count: 40)]).contains("80"))
    #expect(problem([]).contains("series"))
    var generator = RandomGenerator(seed: 1)
    let drawn = try RepeatedTokens(decoder, count: 4, length: 6, tokens: 10..<12, using: &generator)
    #expect(drawn.sequences.count == 4 && drawn.sequences.joined().allSatisfy((10..<12).contains))
    #expect(throws: CajalError.self) { try RepeatedTokens(decoder, count: 0, using: &generator) }
  }
}
