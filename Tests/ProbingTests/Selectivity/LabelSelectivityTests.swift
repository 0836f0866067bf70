import Foundation
import Probing
import Support
import Testing

@Suite struct LabelSelectivityTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var lam, topRate, bar, threshold: Double
      var score: [[Double]]
      var selectedFlatIndices, selectedByNumberOfLanguages: [Int]
      var masksLangLayer: [[[Int]]]
    }
    struct Autosweep: Decodable { var topRate, bar, lo, hi, eps, bestLambda: Double }
    var layers, neurons, languages: Int
    var tokensFull, tokensPrefix: [Int64]
    var countFull, countPrefix: [[[Int64]]]
    var activationProb: [[[Double]]]
    var normMax: Double
    var normalisedEntropy: [[Double]]
    var cases: [Case]
    var autosweep: Autosweep
  }

  private let golden: Golden
  private let probabilities: ActivationProbabilities

  init() throws {
    golden = try Reference.decoded("language-neurons", Golden.self)
    func flat(_ counts: [[[Int64]]]) -> [Int64] { counts.flatMap { $0.flatMap { $0 } } }
    probabilities = ActivationProbabilities(
      full: flat(golden.countFull), prompts: flat(golden.countPrefix), fullTokens: golden.tokensFull,
      promptTokens: golden.tokensPrefix, layers: golden.layers, neurons: golden.neurons)
  }

  private func close(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test func probabilitiesAndEntropiesAgree() {
    #expect(close(probabilities.values, golden.activationProb.flatMap { $0.flatMap { $0 } }))
    #expect(close(probabilities.entropies, golden.normalisedEntropy.flatMap { $0 }))
    #expect(agree(LabelSelectivity.norm(labels: golden.languages), golden.normMax))
    #expect(agree(LabelSelectivity.norm(labels: 10), 0.2928968253968254))
  }

  @Test func selectionsAgree() {
    for given in golden.cases {
      let rule = LabelSelectivity(topRate: given.topRate, bar: given.bar, lambda: given.lam)
      #expect(close(rule.scores(probabilities), given.score.flatMap { $0 }))
      let found = rule.identify(probabilities)
      #expect(found.selected == given.selectedFlatIndices && abs(found.threshold - given.threshold) < 1e-9)
      #expect(found.servedCounts == given.selectedByNumberOfLanguages)
      for label in 0..<golden.languages {
        #expect(found.neurons(of: label).blocks == given.masksLangLayer[label], "label \(label)")
      }
    }
  }

  @Test func theSweepAgreesWithTheReferenceAndMeansWhatItSays() {
    let given = golden.autosweep
    let rule = LabelSelectivity(topRate: given.topRate, bar: given.bar)
    let sweep = rule.sweep(
      probabilities, in: given.lo...given.hi, tolerance: given.eps, ignoresUpperEnd: true)
    #expect(abs(sweep.lambda! - given.bestLambda) < 1e-12)
    // Where the upper end is not fine both ways agree; just above the answer a neuron serves all.
    #expect(rule.sweep(probabilities, in: given.lo...given.hi, tolerance: given.eps) == sweep)
    var beyond = rule
    beyond.lambda = sweep.lambda! + given.eps
    #expect(beyond.identify(probabilities).servedCounts[golden.languages] > 0)
  }

  @Test func anUpperEndThatIsFineIsTheAnswerUnlessIgnored() {
    let rule = LabelSelectivity(topRate: 0.1, bar: 0.9)
    let sweep = rule.sweep(probabilities, in: 0...0.01)
    #expect(sweep.lambda == 0.01 && sweep.tried.map(\.lambda) == [0, 0.01])
    let quirk = rule.sweep(probabilities, in: 0...0.01, ignoresUpperEnd: true)
    #expect(quirk.lambda! < 0.01 && quirk.lambda! > 0.008)
  }

  @Test func kindsAreCountedByLayer() {
    // Neurons of two layers for three labels: specific, related, agnostic, silent.
    let p = [0.9, 0, 0, 0.8, 0.8, 0, 0.7, 0.7, 0.7, 0.01, 0.01, 0.01]
    let probabilities = ActivationProbabilities(p, layers: 2, neurons: 2, labels: 3)
    let found = LabelSelectivity(topRate: 1, bar: 0.5).identify(probabilities)
    #expect(found.servedCounts == [1, 1, 1, 1])
    #expect(found.countByLayer(.specific) == [1, 0] && found.countByLayer(.related) == [1, 0])
    #expect(found.countByLayer(.agnostic) == [0, 2] && found.count(.agnostic) == 2)
    #expect(found.neurons(of: 0).blocks == [[0, 1], [0]])
    #expect(found.neurons(of: 0, [.specific]).blocks == [[0], []])
    #expect(found.neurons(of: 1, [.specific, .related]).blocks == [[1], []])
    #expect(found.overlaps[0][1] == 2.0 / 3 && found.overlaps[2][2] == 1)
  }

  @Test func entropiesAndIndicesHaveTheirEnds() {
    let p = [1.0, 0, 0, 0.2, 0.2, 0.2, 0, 0, 0, 0.5, 0.5, 0]
    let probabilities = ActivationProbabilities(p, layers: 1, neurons: 4, labels: 3)
    let entropies = probabilities.entropies
    #expect(entropies[0] < 1e-9 && abs(entropies[1] - 1) < 1e-12 && entropies[2] == 1)
    #expect(abs(entropies[3] - log(2) / log(3)) < 1e-9)
    #expect(probabilities.selectivityIndices == [1, 0, 0, (0.5 - 0.25) / 0.75])
    #expect(probabilities.preferredLabels == [0, 0, 0, 0] && probabilities.maxima == [1, 0.2, 0, 0.5])
    #expect(SelectivityIndex.of([3.0]) == 0)
  }
}
