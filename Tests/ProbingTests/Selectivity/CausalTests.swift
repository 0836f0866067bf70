import Foundation
import Models
import Probing
import Recordings
import Support
import Tensors
import Testing

@Suite struct CausalTests {
  private let decoder: Decoder

  init() {
    var generator = RandomGenerator(seed: 3)
    let shape = DecoderConfiguration(vocabulary: 32, width: 16, blocks: 3, heads: 2, neurons: 24)
    decoder = Decoder(shape, using: &generator)
    // Larger than weights to be trained, so that neurons matter.
    for (_, parameter) in decoder.parameters { parameter.value = parameter.value.detached() * 8 }
  }

  private let texts = [
    LabelledTokens(label: 0, tokens: [3, 8, 1, 9, 4]),
    LabelledTokens(label: 1, tokens: [7, 7, 2], prompt: 2),
    LabelledTokens(label: 0, tokens: [1, 30, 12]),
    LabelledTokens(label: 1, tokens: [5, 6, 7, 8, 9, 10], prompt: 3),
  ]

  @Test func readingCountsTheGatesOfAnswers() {
    let counter = ActivationCounter(labels: 2, blocks: 3, neurons: 24)
    var seen: [Int] = []
    counter.read(texts, with: decoder, batchTokens: 6) { seen.append($0) }
    #expect(counter.tokens == [6, 4] && texts.map(\.counted) == [4, 1, 2, 3])
    #expect(seen.last == 17 && seen == seen.sorted())
    // Each text alone, its gates looked at directly.
    var expected = [Int64](repeating: 0, count: 24)
    for text in texts where text.label == 1 {
      let recorder = ActivityRecorder("blocks.2.mlp.gate")
      withInstruments(recorder) { _ = decoder.hidden(Decoder.batch([text.tokens])) }
      let active = (recorder.taken()["blocks.2.mlp.gate"]! .> 0).to(.int64)
      for position in text.prompt..<text.tokens.count {
        for (n, value) in active[position].integers.enumerated() { expected[n] += Int64(value) }
      }
    }
    #expect(counter.count(label: 1, layer: 2) == expected)
  }

  @Test func lossesAreThoseOfTheAnswers() {
    let losses = decoder.losses(texts, batchTokens: 7)
    let rows = decoder.logLikelihoods(texts.map(\.tokens))
    #expect(losses.label == [0, 1, 0, 1])
    #expect(abs(losses.losses[0] + rows[0].reduce(0, +) / 4) < 1e-5)
    #expect(abs(losses.losses[1] + rows[1][1]) < 1e-5)
    #expect(abs(losses.losses[3] + rows[3].suffix(3).reduce(0, +) / 3) < 1e-5)
    #expect(abs(losses.mean(of: 1) - (losses.losses[1] + losses.losses[3]) / 2) < 1e-12)
  }

  @Test func silentNeuronsAreSilentAtEitherSite() {
    let set = NeuronSet(blocks: [[1, 5], [], [0, 2, 9]])
    let base = decoder.losses(texts)
    let gate = decoder.losses(texts, silent: set)
    let inner = decoder.losses(texts, silent: set, at: "mlp")
    // silu(gate) of 0 makes the product 0: the same.
    #expect(zip(gate.losses, inner.losses).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(gate.losses, base.losses).contains { abs($0 - $1) > 1e-3 })
    #expect(decoder.losses(texts, silent: NeuronSet(blocks: [[], [], []])) == base)
  }

  @Test func matricesAreDifferencesFromTheBase() {
    let base = TextLosses(label: [0, 0, 1], losses: [1, 3, 2])
    let rows = [
      TextLosses(label: [0, 0, 1], losses: [2, 4, 2.5]), TextLosses(label: [0, 0, 1], losses: [1, 3, 4]),
    ]
    let matrix = PerplexityMatrix(base: base, rows: rows, labels: 2)
    #expect(matrix.logIncreases == [[1, 0.5], [0, 2]])
    #expect(matrix.diagonal == [1, 2] && matrix.meanOffDiagonal == [0.5, 0])
    #expect(abs(matrix.increases[0][0] - (exp(3) - exp(2))) < 1e-9)
    #expect(rows[0].increases(over: base, of: 0) == [1, 1])
  }

  @Test func depthIsMeasuredInThirds() {
    let profile = DepthProfile([8, 6, 1, 1, 2, 1, 4, 9, 3])
    #expect(profile.smoothed[0] == 7 && profile.smoothed[3] == 4 / 3.0)
    #expect(profile.outerToMiddle == (31 / 6.0) / (4 / 3.0))
    #expect(profile.lowest == 3)
    // It bends into the middle at 2 and out of it at 6; no maximum lies inside.
    #expect(profile.boundaries == [2, 6])
    // Smoothed 0, 1, 2, 3, 2, 1, 1, 1.5: the last part begins behind the maximum at 3.
    #expect(DepthProfile([0, 0, 3, 3, 3, 0, 0, 3]).boundaries.contains(4))
    #expect(
      DepthProfile([1, 0, 1]).outerToMiddle == .infinity && DepthProfile([0, 0, 0]).outerToMiddle.isNaN)
    #expect(DepthProfile([5, 5, 5, 5, 5, 5]).outerToMiddle == 1)
  }
}
