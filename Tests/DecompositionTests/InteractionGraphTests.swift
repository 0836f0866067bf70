import Decomposition
import Foundation
import Support
import Testing

@Suite struct InteractionGraphTests {
  /// Two groups of four that interact within themselves, and noise of both signs.
  private var planted: InteractionGraph {
    var generator = RandomGenerator(seed: 3)
    var entries = (0..<64).map { _ in Float(generator.normal() * 0.1) }
    for a in 0..<8 { for b in 0..<8 where a / 4 == b / 4 { entries[a * 8 + b] += 2 } }
    return InteractionGraph(entries, count: 8)
  }

  @Test func theStrongestEdgesAreTheGroups() throws {
    let graph = planted
    let edges = graph.strongest(24)
    #expect(edges.count == 24 && edges.allSatisfy { $0.from / 4 == $0.to / 4 && $0.from != $0.to })
    #expect(graph.above(1).count == 24)
    var generator = RandomGenerator(seed: 1)
    // Two groups without edges between them: 1 - 2 · (1/2)².
    #expect(abs(try graph.modularity(edges, using: &generator) - 0.5) < 1e-12)
    let random = graph.random(24, using: &generator)
    #expect(Set(random.map { $0.from * 8 + $0.to }).count == 24)
    #expect(try graph.modularity(random, using: &generator) < 0.4)
    let (out, into) = graph.degrees(edges)
    #expect(out == Array(repeating: 3, count: 8) && into == out)
    #expect(InteractionGraph.peak(out) == 1 && InteractionGraph.peak([0, 0, 6]) == 3)
  }

  @Test func theThresholdStandsAboveNoise() throws {
    let threshold = try #require(planted.threshold(least: 4))
    #expect(threshold > 0 && threshold < 1.5)
    let (centres, counts, symmetric) = planted.histogram(bins: 10)
    #expect(centres.count == 10 && counts.reduce(0, +) == 56)
    #expect(symmetric == symmetric.reversed() && symmetric.reduce(0, +) < 56)
    // Noise alone has none.
    var generator = RandomGenerator(seed: 8)
    let noise = InteractionGraph((0..<400).map { _ in Float(generator.normal()) }, count: 20)
    #expect(noise.threshold(least: 40) == nil)
  }

  @Test func theExponentOfAPowerLawIsFound() {
    // Degrees with a density that falls as the power -2.5, by its quantiles.
    let degrees = (0..<4_000).map { index -> Int in
      let share = (Double(index) + 0.5) / 4_000
      var value = 9.5
      var left = 1.0
      while left > share, value < 1e4 {
        value += 1
        left = pow(value / 9.5, -1.5)
      }
      return Int(value.rounded(.down))
    }
    #expect(abs(InteractionGraph.exponent(degrees, least: 10) - 2.5) < 0.15)
    #expect(InteractionGraph.exponent([1, 2, 3], least: 2).isNaN)
  }
}
