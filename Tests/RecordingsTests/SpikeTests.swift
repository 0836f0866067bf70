import Foundation
import Recordings
import Support
import Tensors
import Testing

@Suite struct SpikeTests {
  private let a = [0.1, 0.25, 0.31, 0.6, 0.61, 0.95]
  private let b = [0.12, 0.3, 0.5, 0.62, 0.9]
  private func pair() throws -> SpikeTrains { try SpikeTrains([a, b], support: Epochs(from: 0, to: 1)) }

  /// A Poisson process of `rate` Hz over `duration` s.
  private func poisson(_ rate: Double, _ duration: Double, _ generator: inout RandomGenerator) -> [Double] {
    var (time, times) = (0.0, [Double]())
    while true {
      time -= log(1 - generator.uniform()) / rate
      if time >= duration { return times }
      times.append(time)
    }
  }

  /// Numbers of Elephant 1.1: cv, cv2, lv, lvr, victor_purpura_distance, van_rossum_distance, spike_time_tiling_coefficient.
  @Test func agreesWithElephant() throws {
    let trains = try pair()
    let statistics = SpikeStatistics(trains, unit: 0)
    #expect(abs(statistics.coefficientOfVariation - 0.7505476662464273) < 1e-12)
    #expect(abs(statistics.localCoefficientOfVariation - 1.480952380952381) < 1e-12)
    #expect(abs(statistics.localVariation - 1.781700680272109) < 1e-12)
    #expect(abs(statistics.revisedLocalVariation() - 1.8949821833495302) < 1e-12)
    #expect(abs(SpikeDistance.victorPurpura(cost: 10)(a, b) - 2.9) < 1e-12)
    // Elephant's has no factor of one half under the root.
    #expect(abs(SpikeDistance.vanRossum(tau: 0.05)(a, b) * 2.squareRoot() - 2.331471960681211) < 1e-12)
    #expect(abs(trains.tilingCoefficient(0, 1, window: 0.02) - 0.4923428973772223) < 1e-12)
  }

  @Test func distancesAreDistances() {
    #expect(SpikeDistance.vanRossum(tau: 0.01)([0.3], []) == 0.5.squareRoot())
    #expect(SpikeDistance.victorPurpura(cost: 0)(a, b) == 1)
    #expect(SpikeDistance.victorPurpura(cost: 1e9)(a, b) == 11)
    for distance in [SpikeDistance.victorPurpura(cost: 7), .vanRossum(tau: 0.02)] {
      #expect(distance(a, a) < 1e-7 && abs(distance(a, b) - distance(b, a)) < 1e-12)
    }
  }

  @Test func spikesOnEdgesBelongToTheBinThatBegins() throws {
    let spikes = try SpikeTrains([[0, 0.1, 0.2, 0.3, 0.3, 0.7, 0.99]], support: Epochs(from: 0, to: 1))
    let counts = try spikes.binned(width: 0.1)
    #expect(counts.activity.integers == [1, 1, 1, 2, 0, 0, 0, 1, 0, 1])
    #expect(counts.time == TimeAxis(start: 0, rate: 10, count: 10) && counts.unit == "spikes")
  }

  @Test func everyStretchHasBinsOfItsOwn() throws {
    let support = Epochs([Interval(0, 1), Interval(2, 2.75)])
    let spikes = try SpikeTrains([[0.1, 0.9, 2, 2.74], [0.5]], support: support)
    let counts = try spikes.binned(width: 0.5)
    #expect(counts.activity.integers == [1, 0, 1, 1, 1, 0] && counts.time?.values == [0, 0.5, 2])
    #expect(counts.support.duration == 1.5)
    #expect(throws: CajalError.self) { try spikes.binned(width: 3) }
    #expect(throws: CajalError.self) { try SpikeTrains([[1.5]], support: support) }
    #expect(throws: CajalError.self) { try SpikeTrains([[.nan]]) }
  }

  /// Every pair of spikes, one by one.
  @Test func correlogramsCountPairs() throws {
    var generator = RandomGenerator(seed: 3)
    let trains = try SpikeTrains(
      (0..<3).map { _ in poisson(20, 5, &generator) }, support: Epochs(from: 0, to: 5))
    let all = trains.correlograms(width: 0.01, window: 0.1)
    for reference in 0..<3 {
      for target in 0..<3 {
        let one = trains.correlogram(reference: reference, target: target, width: 0.01, window: 0.1)
        var counts = [Int](repeating: 0, count: 21)
        for (i, x) in trains[reference].enumerated() {
          for (j, y) in trains[target].enumerated() where reference != target || i != j {
            let bin = Int(((y - x + 0.105) / 0.01).rounded(.down))
            if counts.indices.contains(bin) { counts[bin] += 1 }
          }
        }
        #expect(one.counts == counts)
        #expect(abs(one.lags[0] + 0.1) < 1e-12 && one.lags[10] == 0)
        #expect(all[reference][target].counts == counts)
      }
    }
  }

  /// Times on a grid, so that lags fall on the edges of bins, and spikes at one time.
  @Test func pairsOnEdgesAreCountedTheSameEitherWay() throws {
    var generator = RandomGenerator(seed: 12)
    let trains = try SpikeTrains(
      (0..<4).map { _ in (0..<200).map { _ in Double(generator.integer(below: 4_000)) * 0.0005 } },
      support: Epochs(from: 0, to: 2))
    let all = trains.correlograms(width: 0.001, window: 0.02)
    for reference in 0..<4 {
      for target in 0..<4 {
        #expect(
          trains.correlogram(reference: reference, target: target, width: 0.001, window: 0.02)
            == all[reference][target])
      }
    }
    let empty = try SpikeTrains([[], []], support: Epochs(from: 0, to: 1))
    #expect(empty.correlograms(width: 0.01, window: 0.1)[0][1].counts.allSatisfy { $0 == 0 })
  }

  /// Many bins of many units against each spike's own bin.
  @Test func binsOfManyStretchesCountEverySpike() throws {
    var generator = RandomGenerator(seed: 13)
    let support = Epochs([Interval(0, 3), Interval(5, 20)])
    let trains = try SpikeTrains(
      (0..<70).map { _ in poisson(20, 3, &generator) + poisson(10, 15, &generator).map { $0 + 5 } },
      support: support)
    let counts = try trains.binned(width: 0.001)
    #expect(counts.sampleCount == 18_000 && Int(counts.activity.sum().item) == trains.spikeCount)
    let values = counts.activity.floats
    for unit in [0, 33, 69] {
      var expected = [Float](repeating: 0, count: 18_000)
      for time in trains[unit] {
        let bin = time < 4 ? Int(time / 0.001 + 1e-8) : 3_000 + Int((time - 5) / 0.001 + 1e-8)
        expected[bin] += 1
      }
      #expect(expected == (0..<18_000).map { values[$0 * 70 + unit] })
    }
  }

  @Test func poissonSpikesAreWhatTheyAre() throws {
    var generator = RandomGenerator(seed: 5)
    let trains = try SpikeTrains([poisson(30, 400, &generator)], support: Epochs(from: 0, to: 400))
    let statistics = trains.statistics[0]
    #expect(abs(statistics.rate - 30) < 1 && abs(statistics.coefficientOfVariation - 1) < 0.03)
    #expect(abs(statistics.localVariation - 1) < 0.04)
    #expect(abs(try trains.fanoFactors(window: 0.5)[0] - 1) < 0.15)
    let correlogram = trains.correlogram(reference: 0, target: 0, width: 0.01, window: 0.2)
    let mean = Double(correlogram.counts.reduce(0, +)) / 41
    #expect(abs(mean / (correlogram.expected.reduce(0, +) / 41) - 1) < 0.05)
  }

  @Test(arguments: [SpikeTrains.Surrogate.jitter(0.05), .shuffledIntervals, .shifted, .uniform])
  func surrogatesKeepWhatTheyPromise(kind: SpikeTrains.Surrogate) throws {
    var generator = RandomGenerator(seed: 6)
    let support = Epochs([Interval(0, 2), Interval(3, 6)])
    let trains = try SpikeTrains([poisson(20, 2, &generator), [3, 3.5, 5.9]], support: support)
    let other = try trains.surrogate(kind, using: &generator)
    #expect((0..<2).allSatisfy { other[$0].count == trains[$0].count } && other.times != trains.times)
    #expect(other.times.allSatisfy(support.contains))
  }

  @Test func histogramsAlignToEvents() throws {
    let spikes = try SpikeTrains([[1.05, 1.15, 3.05, 5.31]], support: Epochs(from: 0, to: 6))
    let trials = try spikes.aligned(to: [1, 3, 5, 5.9], from: -0.1, to: 0.4, width: 0.1)
    #expect(trials.events == [1, 3, 5] && trials.activity.shape == [3, 5, 1])
    #expect(trials.activity.sum(axis: 0).integers == [0, 2, 1, 0, 1])
    #expect(try trials.response(from: 0, to: 0.2).doubles == [1, 0.5, 0])
    #expect(abs(trials.mean.mean.doubles[1] - 2.0 / 3) < 1e-12)
  }

  @Test func ratesAreOneOverIntervals() throws {
    let spikes = try SpikeTrains([[0.5, 0.75, 1.75]], support: Epochs(from: 0, to: 2))
    let rates = try spikes.instantaneousRates(rate: 4)
    #expect(rates.activity.doubles == [0, 0, 4, 1, 1, 1, 1, 0])
    let smooth = try spikes.smoothedRates(width: 0.01, sigma: 0.05)
    #expect(abs(smooth.activity.sum().item * 0.01 - 3) < 1e-6)
  }
}
