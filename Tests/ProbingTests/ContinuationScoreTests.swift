import Models
import Probing
import Recordings
import Statistics
import Support
import Tensors
import Testing

struct ContinuationScoreTests {
  let decoder = tinyDecoder()

  /// Log probabilities of one text, without batches.
  private func direct(_ cloze: Cloze) -> (logProbability: Double, rank: Int) {
    let text = cloze.prompt + cloze.continuation
    let logs = withoutGradients {
      decoder(Tensor(text, shape: [1, text.count]))[0].logSoftmax(axis: -1)
    }
    let positions = cloze.continuation.indices.map { cloze.prompt.count - 1 + $0 }
    let sum = zip(positions, cloze.continuation).reduce(0.0) { $0 + logs[$1.0, $1.1].item }
    let first = logs[positions[0]].doubles
    return (sum, first.count { $0 > first[cloze.continuation[0]] } + 1)
  }

  private let clozes = [
    Cloze(bytes("a longer text than others"), bytes("xyz")), Cloze(bytes("ab"), bytes("c")),
    Cloze(bytes("word"), bytes("se")), Cloze(bytes("q"), bytes("u")),
  ]

  @Test func batchesGiveWhatSingleTextsGive() throws {
    for size in [1, 30, 512] {
      let scores = ContinuationScorer(decoder, tokensPerBatch: size).scores(clozes) { _ in }
      for (score, cloze) in zip(scores, clozes) {
        let expected = direct(cloze)
        #expect(abs(score.logProbability - expected.logProbability) < 1e-4)
        #expect(score.rank == expected.rank)
      }
    }
  }

  @Test func theLikeliestContinuationIsGreedy() throws {
    let prompt = bytes("once")
    let best = withoutGradients { decoder.lastLogits([prompt]).argmax(axis: -1).integers[0] }
    let worst = withoutGradients { decoder.lastLogits([prompt]).argmin(axis: -1).integers[0] }
    let scores = ContinuationScorer(decoder).scores([Cloze(prompt, [best]), Cloze(prompt, [worst])]) { _ in }
    #expect(scores[0].isGreedy && scores[0].rank == 1)
    #expect(!scores[1].isGreedy && scores[1].rank == 256)
    #expect(scores.accuracy == 0.5)
  }

  @Test func progressIsToldAndErrorsEndTheWork() {
    struct Stop: Error {}
    var told: [Int] = []
    _ = ContinuationScorer(decoder, tokensPerBatch: 1).scores(clozes) { told.append($0) }
    #expect(told == [1, 2, 3, 4])
    #expect(throws: Stop.self) { try ContinuationScorer(decoder).scores(clozes) { _ in throw Stop() } }
  }

  /// Gradient times activity is the derivative with respect to a factor on the neuron.
  @Test func attributionsAreDerivatives() {
    let scorer = ContinuationScorer(decoder)
    let attributions = scorer.attributions(clozes, from: 0) { _ in }
    let strongest = ranking(attributions.map { abs($0) }, count: 4)
    for flat in strongest {
      func scaled(_ factor: Double) -> Double {
        let neuron = NeuronSet(flat: [flat], blocks: 3, neurons: 24)
        return withInstruments(neuron.perturbations(.scale(factor))) {
          scorer.scores(clozes) { _ in }.meanLogProbability
        }
      }
      let slope = (scaled(1.02) - scaled(0.98)) / 0.04
      #expect(
        abs(slope - attributions[flat]) < 0.02 * abs(slope) + 1e-3, "\(slope) and \(attributions[flat])")
    }
  }
}

struct PooledActivityTests {
  let decoder = tinyDecoder()

  @Test func paddingAndTheFirstPositionAreLeftOut() {
    let sequences = Tensor(
      [9.0, 1, 2, 99, 5, -7, 99, 99], shape: [2, 4, 1])
    func pooled(_ pooling: Pooling, from first: Int) -> [Double] {
      pooling(sequences, lengths: [3, 2], from: first).doubles
    }
    #expect(pooled(.last, from: 0) == [2, -7])
    #expect(pooled(.max, from: 0) == [9, 5])
    #expect(pooled(.max, from: 1) == [2, -7])
    #expect(pooled(.mean, from: 0) == [4, -1])
    #expect(pooled(.mean, from: 1) == [1.5, -7])
    #expect(pooled(.magnitude, from: 0) == [9, 7])
    // A text of one position has but this one.
    #expect(Pooling.max(sequences, lengths: [1, 1], from: 1).doubles == [9, 5])
  }

  @Test func activityStandsInTheOrderOfTheTexts() {
    let texts = ["a long text here", "b", "some words", "cd"].map(bytes)
    let all = decoder.pooledActivity(of: texts, .last, tokensPerBatch: 20) { _ in }
    #expect(all.shape == [4, 3 * 24])
    for (row, text) in texts.enumerated() {
      let recorder = ActivityRecorder("blocks.1.mlp")
      withoutGradients { withInstruments(recorder) { _ = decoder.hidden(Decoder.batch([text])) } }
      let expected = recorder.taken()["blocks.1.mlp"]![text.count - 1]
      #expect(all[row][24..<48].isClose(to: expected, relative: 1e-4, absolute: 1e-5))
    }
  }
}
