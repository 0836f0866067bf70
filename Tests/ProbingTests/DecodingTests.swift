import Foundation
import Models
import Probing
import Recordings
import Support
import Tensors
import Testing

struct DecodingTests {
  let decoder = tinyDecoder()

  @Test func scoresAgreeWithTheirDefinitions() {
    var generator = RandomGenerator(seed: 8)
    let matrix = Tensor.normal([50, 6], .float64, using: &generator)
    let vectors = Tensor.normal([9, 6], .float64, using: &generator)
    let projection = VocabularyProjection(matrix)
    let tokens = [3, 40, 0]
    let (z, cosines) = (
      projection.zScores(vectors, tokens: tokens).doubles,
      projection.cosines(vectors, tokens: tokens).doubles
    )
    let probabilities = projection.probabilities(vectors, tokens: tokens).doubles
    for n in 0..<9 {
      let w = vectors[n].doubles
      let rows = (0..<50).map { matrix[$0].doubles }
      let logits = rows.map { zip($0, w).reduce(0) { $0 + $1.0 * $1.1 } }
      let mean = logits.reduce(0, +) / 50
      let deviation = (logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50).squareRoot()
      let total = logits.reduce(0) { $0 + exp($1) }
      func length(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      for (i, token) in tokens.enumerated() {
        #expect(abs(z[n * 3 + i] - (logits[token] - mean) / deviation) < 1e-9)
        #expect(abs(cosines[n * 3 + i] - logits[token] / length(w) / length(rows[token])) < 1e-9)
        #expect(abs(probabilities[n * 3 + i] - exp(logits[token]) / total) < 1e-9)
      }
      let best = projection.readings(vectors[n], count: 2)
      #expect(best[0].logit == logits.max()! || abs(best[0].logit - logits.max()!) < 1e-12)
      #expect(abs(projection.readings(vectors[n], count: 1, lowest: true)[0].logit - logits.min()!) < 1e-12)
    }
  }

  @Test func chunksChangeNothing() {
    var projection = VocabularyProjection(decoder.outputMatrix)
    let vectors = NeuronDecoder(decoder).vectors(.gate, block: 1)
    let whole = projection.topTokens(vectors) { _ in }
    projection.chunk = 5
    var told: [Int] = []
    let parts = projection.topTokens(vectors) { told.append($0) }
    #expect(whole.tokens == parts.tokens && whole.agreement(with: parts) == 1)
    #expect(told == [5, 10, 15, 20, 24])
  }

  /// Weights that are made to read and write a token are found for it.
  @Test func plantedNeuronsAreFound() {
    let planted = tinyDecoder(seed: 3)
    withoutGradients {
      let row = planted.outputMatrix[77].detached()
      planted.blocks[2].feedForward.up.value[11] = row
      planted.blocks[1].feedForward.down.value[.all, 5] = row * -1
    }
    let reader = NeuronDecoder(planted)
    for score in NeuronDecoder.Score.allCases where score != .probability {
      #expect(reader.neurons(for: 77, .up, by: score, count: 1)[0].neuron == .init(2, 11))
    }
    #expect(abs(reader.neurons(for: 77, .up, by: .cosine, count: 1)[0].score - 1) < 1e-5)
    #expect(reader.zScores(.down, tokens: [77]).flattened().argmin(axis: 0).item == 24 + 5)
    #expect(
      reader.map(.up) { _ in }.tokens[2 * 24 + 11]
        == reader.topTokens(.up, block: 2, neuron: 11, count: 1)[0].token)
    #expect(reader.map(.up, neurons: [11]) { _ in }.tokens.count == 3)
    // The norm's weights are ones in a fresh model.
    let aware = NeuronDecoder(planted, isNormAware: true)
    #expect(aware.vectors(.down, block: 0).isClose(to: reader.vectors(.down, block: 0)))
  }

  @Test func clampsOfABatchAreThoseOfSingleTexts() {
    let prompts = ["some text", "abc", "another one"].map(bytes)
    let clamps = [
      NeuronClamp(.inner, .init(0, 3), 40), NeuronClamp(.up, .init(2, 20), -30),
      NeuronClamp(.inner, .init(2, 1), 15),
    ]
    let trials = zip(prompts, clamps).map { ClampTrial($0, [$1]) } + [ClampTrial(prompts[0])]
    for size in [1, 512] {
      let logits = decoder.clampedLogits(trials, tokensPerBatch: size) { _ in }
      for (row, trial) in trials.enumerated() {
        let expected = withoutGradients {
          withInstruments(trial.clamps.map(\.instrument)) { decoder.lastLogits([trial.prompt]) }
        }
        #expect(logits[row].isClose(to: expected[0], relative: 1e-4, absolute: 1e-4))
      }
    }
  }

  @Test func sweepsMeasureChanges() throws {
    let prompts = ["some text", "abc"].map(bytes)
    let neuron = NeuronDecoder.Neuron(2, 4)
    let questions = [
      ClampQuestion(.inner, neuron, values: [-20, 20], concept: [65, 97]),
      ClampQuestion(.up, neuron, values: [5], concept: [66]),
    ]
    let sweeps = try decoder.clampSweeps(questions, prompts: prompts)
    #expect(sweeps[0].changes.count == 2 && sweeps[1].changes[0].count == 2)
    func likelihood(_ clamps: [NeuronClamp]) -> Double {
      let logits = decoder.clampedLogits([ClampTrial(prompts[1], clamps)]) { _ in }[0].logSoftmax(axis: -1)
      return max(logits[65].item, logits[97].item)
    }
    let expected = likelihood([NeuronClamp(.inner, neuron, 20)]) - likelihood([])
    #expect(abs(sweeps[0].changes[1][1] - expected) < 1e-4)
    // What the neuron writes, it promotes: in the last block nothing but the norm stands between.
    let written = NeuronDecoder(decoder).vector(.down, neuron)
    let token = VocabularyProjection(decoder.outputMatrix).readings(written, count: 1)[0].token
    let promoted = try decoder.clampSweeps(
      [ClampQuestion(.inner, neuron, values: [-30, 30], concept: [token])], prompts: prompts)
    #expect(promoted[0].meanChanges[1] > 0 && promoted[0].meanChanges[0] < promoted[0].meanChanges[1])
  }

  @Test func theLensEndsAtTheModel() {
    let texts = ["some text", "abc"].map(bytes)
    let lens = LogitLens(decoder)
    let logits = lens.logits(texts)
    #expect(logits.count == 3)
    let own = withoutGradients { decoder.lastLogits(texts) }
    #expect(logits[2].isClose(to: own, relative: 1e-4, absolute: 1e-4))
    #expect(!logits[0].isClose(to: own, relative: 1e-2, absolute: 1e-2))
    let best = own.argmax(axis: -1).integers
    let scores = lens.scores(zip(texts, best).map { Cloze($0, [$1]) })
    #expect(scores[2].allSatisfy { $0.rank == 1 })
  }

  @Test func generationFollowsTheClamp() {
    let neuron = NeuronDecoder.Neuron(2, 4)
    let written = NeuronDecoder(decoder).vector(.down, neuron)
    let token = VocabularyProjection(decoder.outputMatrix).readings(written, count: 1)[0].token
    let clamp = NeuronClamp(.inner, neuron, 1e4)
    let trials = [ClampTrial(bytes("go"), [clamp]), ClampTrial(bytes("on"))]
    let texts = decoder.steeredGenerations(trials, count: 3) { _ in }
    #expect(texts[0] == [token, token, token])
    let own = withoutGradients { decoder.lastLogits([bytes("on")]).argmax(axis: -1).integers }
    #expect(texts[1].count == 3 && texts[1][0] == own[0])
    #expect(decoder.steeredGenerations(trials, stops: [token], count: 3) { _ in }[0].isEmpty)
  }
}
