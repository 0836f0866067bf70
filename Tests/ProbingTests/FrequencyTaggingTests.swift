import Foundation
import Models
import Probing
import Support
import Tensors
import Testing

@Suite struct FrequencyTaggingTests {
  private let tagging = FrequencyTagging.hierarchical(sentenceLength: 4)

  /// Neurons that follow sentences, phrases, both, and none, in noise.
  private func series(_ units: Int, noise: Double, rhythmic: Bool = true, seed: UInt64) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    var values: [Double] = []
    for unit in 0..<units {
      let (sentence, phrase) = (cos(Double(unit) * .pi / 2), cos(Double(unit) * .pi))
      let own = rhythmic ? [sentence, phrase, sentence + phrase, 0] : [0, 0, 0, 0]
      values += own.map { $0 + noise * generator.normal() }
    }
    return Tensor(values, shape: [units, 4])
  }

  @Test func amplitudesAreThoseOfAWave() {
    let clean = series(80, noise: 0, seed: 1)
    let amplitudes = tagging.amplitudes(clean)
    // A cosine gives half the number of units, at half the rate of units the whole.
    #expect(zip(amplitudes[0][0], [40, 0, 40, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(zip(amplitudes[1][0], [0, 80, 80, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
    let noisy = series(80, noise: 1, seed: 2)
    let spectrum = tagging.spectrum(noisy)
    #expect(spectrum.shape == [41, 4] && spectrum[0].sum().item == 0)
    for (tag, bin) in [(0, 20), (1, 40)] {
      #expect(tagging.bin(tagging.tags[tag].frequencies[0], of: 80) == bin)
      let whole = spectrum[bin].doubles
      #expect(zip(tagging.amplitudes(noisy)[tag][0], whole).allSatisfy { abs($0 - $1) < 1e-9 })
    }
    #expect(tagging.frequencies(80).last == 2)
  }

  @Test func permutingWavesIsPermutingTheSeries() {
    let noisy = series(24, noise: 1, seed: 3)
    var generator = RandomGenerator(seed: 1)
    let orders = (0..<50).map { _ in generator.permutation(24) }
    let test = tagging.permutationTest(noisy, orders: orders, quantile: 0.9)
    let permuted = orders.map { tagging.amplitudes(noisy.selected(Tensor($0), axis: 0)) }
    for tag in 0..<2 {
      for neuron in 0..<4 {
        let sorted = permuted.map { $0[tag][0][neuron] }.sorted()
        let expected = sorted[44] + 0.1 * (sorted[45] - sorted[44])
        #expect(abs(test.thresholds[tag][0][neuron] - expected) < 1e-9)
      }
    }
  }

  @Test func plantedNeuronsAreFoundAndNoOthers() {
    var generator = RandomGenerator(seed: 5)
    let (real, control) = (series(200, noise: 2, seed: 4), series(200, noise: 2, rhythmic: false, seed: 6))
    let test = tagging.permutationTest(real, permutations: 400, using: &generator)
    #expect(test.isSignificant[0][0].prefix(3) == [true, false, true])
    #expect(test.isSignificant[1][0].prefix(3) == [false, true, true])
    let contrast = tagging.contrast(
      tagging.amplitudes(real), tagging.amplitudes(control), significant: test.isSignificant)
    #expect(contrast[0][0] > 60 && contrast[0][1] == 0 && contrast[1][1] > 120)
    // What is less than in the control is none for a tag that ignores it.
    let reversed = tagging.contrast(
      tagging.amplitudes(control), tagging.amplitudes(real),
      significant: [[[true, true, true, true]], [[true, true, true, true]]])
    #expect(reversed[0][0] < -60 && reversed[1][1] == 0)
  }

  @Test func fivePercentPassByChance() {
    var generator = RandomGenerator(seed: 7)
    let noise = Tensor.normal([60, 2_000], using: &generator)
    let test = tagging.permutationTest(noise, permutations: 300, using: &generator)
    for tag in 0..<2 {
      let share = Double(test.isSignificant[tag][0].count { $0 }) / 2_000
      #expect(share > 0.03 && share < 0.07, "\(share)")
    }
  }

  @Test func longerSentencesHaveSeveralPhraseRates() throws {
    let long = FrequencyTagging.hierarchical(sentenceLength: 8)
    #expect(long.tags[0].frequencies == [0.5] && long.tags[1].frequencies.count == 6)
    #expect(throws: CajalError.self) { try FrequencyTagging(unitRate: 4, tags: [.init("fast", [2.5])]) }
    #expect(throws: CajalError.self) { try FrequencyTagging(unitRate: 4, tags: []) }
  }

  @Test func scoresAndRatios() {
    #expect(FrequencyTagging.zScores([1, 1, 1]) == [0, 0, 0])
    let z = FrequencyTagging.zScores([0, 0, 0, 4, 10, 10], parts: [0..<4, 4..<6])
    #expect(abs(z[3] - 3.0.squareRoot()) < 1e-12 && z[4] == 0)
    #expect(FrequencyTagging.selected(z, above: 1) == [3])
    var spectrum = [Double](repeating: 1, count: 41)
    (spectrum[20], spectrum[40], spectrum[0]) = (5, 3, 100)
    #expect(
      tagging.peakRatio(spectrum, at: 1, units: 80) == 5 && tagging.peakRatio(spectrum, at: 2, units: 80) == 3
    )
  }

  @Test func coherenceFindsLockedPhases() throws {
    var generator = RandomGenerator(seed: 3)
    let (trials, samples, rate) = (40, 100, 50.0)
    var values: [Double] = []
    for _ in 0..<trials {
      let phase = generator.uniform() * 2 * .pi
      for sample in 0..<samples {
        let angle = 2 * .pi * 5 * Double(sample) / rate
        values += [cos(angle + 1), cos(angle + phase), generator.normal()]
      }
    }
    let coherence = try InterTrialCoherence.of(
      Tensor(values, shape: [trials, samples, 3]), rate: rate, frequencies: [5, 10])
    #expect(abs(coherence[0][0] - 1) < 1e-9 && coherence[0][1] < 0.4 && coherence[0][2] < 0.4)
    #expect(
      InterTrialCoherence.of(phases: [[0, 0], [0, .pi]]).map { ($0 * 1e9).rounded() / 1e9 } == [1, 0])
    #expect(throws: CajalError.self) {
      try InterTrialCoherence.of(Tensor(values, shape: [trials, samples, 3]), rate: rate, frequencies: [30])
    }
  }
}

@Suite struct PeriodicCorpusTests {
  @Test func theGrammarMakesDifferentSentencesOfFourWords() throws {
    var generator = RandomGenerator(seed: 1)
    let corpus = try SlotGrammar.english.corpus(100, using: &generator)
    #expect(corpus.length == 4 && Set(corpus.sentences).count == 100)
    #expect(Set(corpus.sentences.map { $0.prefix(2) }).count == 100)
    let tiny = SlotGrammar([.init(attributes: ["a"], subjects: ["b"], actions: [("c", ["d", "e"])])])
    #expect(throws: CajalError.self) { try tiny.corpus(3, using: &generator) }
  }

  @Test func arrangementsKeepWhatTheyShould() throws {
    var generator = RandomGenerator(seed: 2)
    let corpus = try SlotGrammar.english.corpus(30, using: &generator)
    let words = corpus.sentences.flatMap { $0 }.sorted()
    let known = Set(corpus.sentences)
    func chunks(_ arrangement: PeriodicCorpus.Arrangement) -> [[String]] {
      let stream = corpus.stream(arrangement, using: &generator)
      return stride(from: 0, to: stream.count, by: 4).map { Array(stream[$0..<$0 + 4]) }
    }
    let whole = chunks(.sentences)
    #expect(Set(whole) == known && whole != corpus.sentences)
    let broken = chunks(.brokenSentences)
    #expect(broken.flatMap { $0 }.sorted() == words && known.isDisjoint(with: broken))
    for sentence in broken {
      let source = corpus.sentences.first { $0.sorted() == sentence.sorted() }!
      for (a, b) in zip(sentence, sentence.dropFirst()) {
        let (place, next) = (source.firstIndex(of: a)!, source.firstIndex(of: b)!)
        #expect(next != place + 1)
      }
    }
    #expect(chunks(.randomUnits).flatMap { $0 }.sorted() == words)
    let exchanged = chunks(.exchangedUnits)
    #expect(exchanged.flatMap { $0 }.sorted() == words && exchanged.count { known.contains($0) } < 5)
    for place in 0..<4 {
      #expect(exchanged.map { $0[place] }.sorted() == corpus.sentences.map { $0[place] }.sorted())
    }
    let halves = chunks(.exchangedHalves)
    let pairs = Set(corpus.sentences.flatMap { [Array($0[..<2]), Array($0[2...])] })
    #expect(halves.allSatisfy { pairs.contains(Array($0[..<2])) && pairs.contains(Array($0[2...])) })
    let parts = try corpus.halves(using: &generator)
    #expect(Set(parts[0].sentences).isDisjoint(with: parts[1].sentences) && parts[0].sentences.count == 15)
  }

  @Test func filesAreReadAndUnevenOnesNamed() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "sentences-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: url) }
    try "Fat rats eat cheese.\n\nOld men read books!\n".write(to: url, atomically: true, encoding: .utf8)
    let corpus = try PeriodicCorpus(contentsOf: url)
    #expect(corpus.sentences == [["Fat", "rats", "eat", "cheese"], ["Old", "men", "read", "books"]])
    try "Fat rats eat cheese.\nMen read books.\n".write(to: url, atomically: true, encoding: .utf8)
    let error = #expect(throws: CajalError.self) { try PeriodicCorpus(contentsOf: url) }
    #expect(error?.message.contains("sentence 2") == true && error?.message.contains("3 words") == true)
    #expect(throws: CajalError.self) { try PeriodicCorpus(contentsOf: URL(fileURLWithPath: "/nowhere")) }
  }

  /// Words of several tokens are means over these; a stream read alone gives the same as in a batch.
  @Test func streamsAreReadWordByWord() throws {
    let model = LanguageModel(tinyDecoder(), ByteTokenizer())
    let streams = [["ab", "c", "def"], ["x", "yz", "q"]]
    var reader = StreamReader(model, sites: ["blocks.*.mlp"])
    var found: [Int: [String: Tensor]] = [:]
    reader.read(streams) { found[$0] = $1 }
    #expect(found[0]?.count == 3 && found[1]?["blocks.2.mlp"]?.shape == [3, 24])
    reader.batchTokens = 1
    reader.dropped = 1
    reader.read([streams[1]]) { _, activity in
      let same = activity["blocks.1.mlp"]!.isClose(to: found[1]!["blocks.1.mlp"]![1..<3], absolute: 1e-5)
      #expect(same)
    }
    // " ab c def": the second word is the tokens 3 and 4.
    var tokens: Tensor?
    let whole = LanguageModel(tinyDecoder(), ByteTokenizer())
    StreamReader(whole, sites: ["blocks.0.mlp"]).read([[" ab c def"]]) { _, activity in
      tokens = activity["blocks.0.mlp"]
    }
    #expect(tokens?.shape == [1, 24])
  }

  @Test func responsesAreMeansOverStreamsAndGroups() {
    let tagging = FrequencyTagging.hierarchical(sentenceLength: 4)
    let gatherer = TaggedResponse.Gatherer(tagging, streams: 5, groups: 2)
    var generator = RandomGenerator(seed: 1)
    let series = (0..<5).map { _ in Tensor.normal([16, 3], .float64, using: &generator) }
    for one in series { gatherer.add(one) }
    let response = gatherer.finish()
    #expect(response.series.isClose(to: Tensor.stacked(series).mean(axis: 0)) && response.units == 16)
    #expect(response.groupAmplitudes.count == 2)
    let first = Tensor.stacked(Array(series[..<3])).mean(axis: 0)
    #expect(abs(response.groupAmplitudes[0][0][0][1] - tagging.amplitudes(first)[0][0][1]) < 1e-9)
    #expect(
      abs(
        response.amplitudes[1][0][2]
          - (response.groupAmplitudes[0][1][0][2] + response.groupAmplitudes[1][1][0][2]) / 2) < 1e-12)
    let spectra = response.meanSpectra([0..<2, 2..<3])
    #expect(spectra.count == 2 && spectra[0].count == 9)
  }
}
