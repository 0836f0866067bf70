import Models
import Support
import Testing

struct SamplerTests {
  private let logits: [Float] = [1, 3, 2, -1, 0]

  private func shares(_ sampler: Sampler, after tokens: [Int] = [], draws: Int = 20_000) -> [Double] {
    var generator = RandomGenerator(seed: 3)
    var counts = [Double](repeating: 0, count: logits.count)
    for _ in 0..<draws {
      counts[sampler.choose(logits, after: tokens, using: &generator)] += 1 / Double(draws)
    }
    return counts
  }

  @Test func drawsByProbability() {
    // softmax of the logits
    let expected = [0.0861, 0.6364, 0.2341, 0.0117, 0.0317]
    for (a, b) in zip(shares(Sampler(temperature: 1)), expected) { #expect(abs(a - b) < 0.01) }
  }

  @Test func greedyTakesTheLargest() { #expect(shares(.greedy, draws: 5) == [0, 1, 0, 0, 0]) }

  @Test func filtersLeaveTheLikeliest() {
    func kept(_ sampler: Sampler) -> Set<Int> {
      Set(shares(sampler).indices.filter { shares(sampler)[$0] > 0 })
    }
    #expect(kept(Sampler(temperature: 1, topK: 2)) == [1, 2])
    #expect(kept(Sampler(temperature: 1, topP: 0.87)) == [1, 2])
    #expect(kept(Sampler(temperature: 1, topP: 0.88)) == [1, 2, 0])
    #expect(kept(Sampler(temperature: 1, minP: 0.1)) == [1, 2, 0])
  }

  @Test func tokensThatOccurredAreLessLikely() {
    #expect(Sampler(repetitionPenalty: 4).choose(logits, after: [1], using: &Self.generator) == 2)
    #expect(
      Sampler(repetitionPenalty: 4, repetitionWindow: 1).choose(
        logits, after: [1, 0], using: &Self.generator) == 1)
  }

  @Test func settingsOutOfRangeAreErrors() {
    for wrong in [
      Sampler(temperature: -1), Sampler(topK: -1), Sampler(topP: 0), Sampler(minP: 2),
      Sampler(repetitionPenalty: 0),
    ] { #expect(throws: CajalError.self) { try wrong.checked() } }
  }

  nonisolated(unsafe) private static var generator = RandomGenerator(seed: 1)
}
