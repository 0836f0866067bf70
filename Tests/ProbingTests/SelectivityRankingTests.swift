import Foundation
import Probing
import Statistics
import Support
import Tensors
import Testing

struct SelectivityRankingTests {
  /// The definitions, by counting.
  func slowPrecision(_ scores: [Double], _ labels: [Bool]) -> Double {
    var (sum, before) = (0.0, 0.0)
    for threshold in Set(scores).sorted(by: >) {
      let chosen = scores.indices.filter { scores[$0] >= threshold }
      let found = Double(chosen.count { labels[$0] })
      let recall = found / Double(labels.count { $0 })
      sum += (recall - before) * found / Double(chosen.count)
      before = recall
    }
    return sum
  }

  func slowArea(_ scores: [Double], _ labels: [Bool]) -> Double {
    var (wins, pairs) = (0.0, 0.0)
    for p in scores.indices where labels[p] {
      for n in scores.indices where !labels[n] {
        wins += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0
        pairs += 1
      }
    }
    return wins / pairs
  }

  struct Reference: Decodable {
    let labels: [Int]
    let responses: [[Double]]
    let averagePrecision: [Double]
    let ranking: [Int]
  }

  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  @Test func agreesWithTheReferenceVectors() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/relation-neurons.json")
    let reference = try Self.decoder.decode(Reference.self, from: Data(contentsOf: url))
    let shape = [reference.responses.count, reference.responses[0].count]
    let responses = Tensor(reference.responses.flatMap { $0 }, shape: shape)
    let precision = try RankedResponses(responses).averagePrecision(reference.labels.map { $0 == 1 })
    for (ours, theirs) in zip(precision, reference.averagePrecision) { #expect(abs(ours - theirs) < 1e-12) }
    #expect(ranking(precision) == reference.ranking)
  }

  /// Random scores with many ties, in both directions and both precisions.
  @Test func agreesWithTheDefinitions() throws {
    var generator = RandomGenerator(seed: 3)
    let (samples, neurons) = (41, 700)
    let values = (0..<samples * neurons).map { _ in Double(generator.integer(below: 12) - 6) / 4 }
    let labels = (0..<samples).map { _ in generator.uniform() < 0.3 }
    let responses = Tensor(values, shape: [samples, neurons])
    for tensor in [responses, responses.to(.float32)] {
      let ranked = try RankedResponses(tensor)
      let high = try ranked.averagePrecision(labels)
      let low = try ranked.averagePrecision(labels, .low)
      let area = try ranked.areaUnderROC(labels)
      for neuron in stride(from: 0, to: neurons, by: 7) {
        let scores = (0..<samples).map { values[$0 * neurons + neuron] }
        #expect(abs(high[neuron] - slowPrecision(scores, labels)) < 1e-12)
        #expect(abs(low[neuron] - slowPrecision(scores.map { -$0 }, labels)) < 1e-12)
        #expect(abs(area[neuron] - slowArea(scores, labels)) < 1e-12)
      }
    }
  }

  @Test func knowsTheClosedForms() throws {
    let labels = [true, true, false, false]
    #expect(try averagePrecision(scores: [4, 3, 2, 1], labels: labels) == 1)
    #expect(try areaUnderROC(scores: [4, 3, 2, 1], labels: labels) == 1)
    #expect(try areaUnderROC(scores: [1, 2, 3, 4], labels: labels) == 0)
    // A neuron that tells nothing: the share of the positives, and one half.
    #expect(try averagePrecision(scores: [0, -0.0, 0, 0], labels: labels) == 0.5)
    #expect(try areaUnderROC(scores: [0, -0.0, 0, 0], labels: labels) == 0.5)
    // Positives on ranks 3 and 4.
    #expect(try averagePrecision(scores: [1, 2, 3, 4], labels: labels) == (1.0 / 3 + 2.0 / 4) / 2)
  }

  @Test func marginsBreakTies() throws {
    let responses = Tensor([1.0, 5, 0, 1.1, 6, 0, 0.9, 0, 0, 0.8, 1, 0], shape: [4, 3])
    let labels = [true, true, false, false]
    let precision = try RankedResponses(responses).averagePrecision(labels)
    let margins = try rankingMargin(responses, labels: labels)
    #expect(precision[0] == 1 && precision[1] == 1 && margins[1] > margins[0] && margins[2] == 0)
    #expect(ranking(precision) == [0, 1, 2])
    #expect(ranking(precision, tieBreak: margins, count: 2) == [1, 0])
    let negated = try rankingMargin(-responses, labels: labels, .low)
    #expect(zip(margins, negated).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func refusesWhatCannotBeRanked() throws {
    let ranked = try RankedResponses(Tensor([1.0, 2, 3], shape: [3, 1]))
    #expect(throws: CajalError.self) { try ranked.averagePrecision([true, false]) }
    #expect(throws: CajalError.self) { try ranked.areaUnderROC([true, true, true]) }
    #expect(throws: CajalError.self) { try ranked.averagePrecision([false, false, false]) }
    #expect(throws: CajalError.self) { try RankedResponses(Tensor([1.0, .nan], shape: [2, 1])) }
    #expect(throws: CajalError.self) { try RankedResponses(Tensor([1.0, 2])) }
    #expect(throws: CajalError.self) {
      try rankingMargin(Tensor([1.0, 2], shape: [2, 1]), labels: [true, true])
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var generator = RandomGenerator(seed: 5)
    let responses = Tensor.normal([60, 1_000], using: &generator)
    let labels = (0..<60).map { $0 % 3 == 0 }
    let before = Threads.count
    defer { Threads.count = before }
    let results = try [1, 3].map { count in
      Threads.count = count
      return try RankedResponses(responses).averagePrecision(labels)
    }
    #expect(results[0] == results[1])
  }
}
