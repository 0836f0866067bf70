import Foundation
import Recordings
import Support
import Tensors
import Testing

@Suite struct ConversionTests {
  private func recording(_ values: [Double], neurons: Int = 1, rate: Double = 1) throws -> Recording {
    let count = values.count / neurons
    return try Recording(
      activity: Tensor(values, shape: [count, neurons]), time: TimeAxis(rate: rate, count: count))
  }

  private func noise(_ samples: Int, _ neurons: Int, seed: UInt64 = 1) -> [Double] {
    var generator = RandomGenerator(seed: seed)
    return (0..<samples * neurons).map { _ in generator.normal() }
  }

  @Test func zScoresHaveNoMeanAndUnitDeviation() throws {
    let scored = try recording(noise(50, 3).map { 7 * $0 + 4 }, neurons: 3).zScored()
    #expect(scored.activity.mean(axis: 0).doubles.allSatisfy { abs($0) < 1e-12 })
    #expect((scored.activity * scored.activity).mean(axis: 0).doubles.allSatisfy { abs($0 - 1) < 1e-12 })
    #expect(try recording([5, 5, 5]).zScored().activity.doubles == [0, 0, 0])
    // Those of the first half alone.
    let half = try recording([0, 2, 10, 12]).zScored(over: Epochs(from: 0, to: 2))
    #expect(half.activity.doubles == [-1, 1, 9, 11])
  }

  @Test func trendsAreTakenOff() throws {
    let line = (0..<20).map { 3 + 0.5 * Double($0) }
    #expect(try recording(line).detrended().activity.doubles.allSatisfy { abs($0) < 1e-10 })
    let parabola = (0..<20).map { Double($0 * $0) }
    #expect(try recording(parabola).detrended(degree: 2).activity.doubles.allSatisfy { abs($0) < 1e-8 })
    #expect(throws: CajalError.self) { try recording([1, 2]).detrended(degree: 5) }
  }

  @Test func baselinesArePercentiles() throws {
    let values = [10.0, 10, 20, 10, 40, 10]
    let relative = try recording(values).relativeFluorescence(percentile: 50)
    #expect(relative.activity.doubles == [0, 0, 1, 0, 3, 0])
    let sliding = try recording(values + [40, 40, 40]).relativeFluorescence(percentile: 50, window: 4)
    #expect(sliding.activity.doubles[8] == 0)
    #expect(throws: CajalError.self) { try recording([0, 0, 0]).relativeFluorescence() }
  }

  @Test func gapsAreDrawnOver() throws {
    let (filled, counts) = try recording([.nan, 1, .nan, .nan, 4, .nan]).interpolated()
    #expect(filled.activity.doubles == [1, 1, 2, 3, 4, 4] && counts == [4])
  }

  @Test func derivativesOfLinesAreSlopes() throws {
    let line = try Recording(
      activity: Tensor([0.0, 2, 3, 7], shape: [4, 1]), time: TimeAxis(stamps: [0, 1, 1.5, 3.5], what: "time"))
    #expect(try line.derivative().activity.doubles == [2, 2, 2, 2])
  }

  @Test func smoothingKeepsConstantsAndSums() throws {
    let constant = try recording([Double](repeating: 3, count: 30))
    for smoothing in [
      Smoothing.gaussianSamples(sigma: 4), .gaussian(sigma: 2), .exponential(alpha: 0.2),
      .exponentialTime(tau: 3),
    ] {
      #expect(try constant.smoothed(smoothing).activity.doubles.allSatisfy { abs($0 - 3) < 1e-12 })
    }
    var impulse = [Double](repeating: 0, count: 31)
    impulse[15] = 1
    let smooth = try recording(impulse).smoothed(.gaussianSamples(sigma: 2)).activity.doubles
    #expect(abs(smooth.reduce(0, +) - 1) < 1e-12 && smooth[14] == smooth[16])
    // The past alone.
    let causal = try recording(impulse).smoothed(.exponential(alpha: 0.3)).activity.doubles
    #expect(causal[..<15].allSatisfy { $0 == 0 } && causal[15] == 0.3)
    #expect(throws: CajalError.self) { try constant.smoothed(.movingAverage(samples: 4)) }
  }

  @Test func gridsLieOnLines() throws {
    let line = try Recording(
      activity: Tensor([0.0, 1, 4], shape: [3, 1]), time: TimeAxis(stamps: [0, 1, 4], what: "time"),
      samples: SampleTable([("velocity", .numbers([0, 1, 4])), ("state", .texts(["a", "b", "c"]))]))
    let grid = try line.resampled(step: 0.5)
    #expect(grid.activity.doubles == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5])
    #expect(grid.samples.numbers("velocity") == grid.activity.doubles && grid.samples["state"]?[1] == "a")
    let blocks = try line.averaged(step: 1, fine: 0.5)
    #expect(blocks.activity.doubles == [0.25, 1.25, 2.25, 3.25] && blocks.time?.values == [0, 1, 2, 3])
  }

  @Test func trialsAreCutAtEvents() throws {
    let ramp = try recording((0..<20).map(Double.init))
    let trials = try ramp.aligned(to: [5, 10.5, 19], from: -2, to: 2)
    #expect(trials.activity.shape == [2, 4, 1] && trials.activity[1].doubles == [8.5, 9.5, 10.5, 11.5])
    #expect(try trials.flattened().samples.numbers("trial") == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(throws: CajalError.self) { try ramp.aligned(to: [0], from: -2, to: 2) }
  }

  @Test func correlationsAreThoseOfTheWhole() throws {
    let values = noise(9_000, 4).enumerated().map { $0.offset % 4 == 1 ? $0.element + 1e6 : $0.element }
    let wide = try recording(values, neurons: 4)
    let matrix = wide.correlationMatrix().doubles
    let x = stride(from: 0, to: values.count, by: 4).map { values[$0] }
    let y = stride(from: 1, to: values.count, by: 4).map { values[$0] }
    let (mx, my) = (x.reduce(0, +) / 9_000, y.reduce(0, +) / 9_000)
    let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let scale = (x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) } * y.reduce(0) { $0 + ($1 - my) * ($1 - my) })
      .squareRoot()
    #expect(abs(matrix[1] - xy / scale) < 1e-8 && matrix[0] == 1)
  }

  /// Two neurons that both follow a third are independent given it.
  @Test func partialCorrelationsLeaveOutWhatIsShared() throws {
    var generator = RandomGenerator(seed: 9)
    let values = (0..<20_000).flatMap { _ -> [Double] in
      let common = generator.normal()
      return [common, common + generator.normal(), common + generator.normal()]
    }
    let three = try recording(values, neurons: 3)
    #expect(abs(three.correlationMatrix().doubles[5] - 0.5) < 0.03)
    #expect(abs(try three.partialCorrelationMatrix().doubles[5]) < 0.03)
    let few = try recording(noise(3, 5), neurons: 5)
    #expect(throws: CajalError.self) { try few.partialCorrelationMatrix() }
    #expect(try few.partialCorrelationMatrix(shrinkage: 0.3).shape == [5, 5])
  }

  /// scipy.signal.windows.dpss(8, 2, 3)
  @Test func slepianSequencesAreSciPys() {
    let expected = [
      0.049867, 0.1904721, 0.3953021, 0.5522408, 0.5522408, 0.3953021, 0.1904721, 0.049867, 0.1726302,
      0.4194634,
      0.4938487, 0.2244164, -0.2244164, -0.4938487, -0.4194634, -0.1726302, 0.3820382, 0.4897361, 0.1433578,
      -0.3060292,
      -0.3060292, 0.1433578, 0.4897361, 0.3820382,
    ]
    let ours = Multitaper.sequences(count: 8, halfBandwidth: 2, tapers: 3).doubles
    #expect(zip(ours, expected).allSatisfy { abs(abs($0) - abs($1)) < 1e-6 })
    #expect(zip(ours[..<16], expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func powerAddsUpToVariance() throws {
    let white = try recording(noise(2_000, 2), neurons: 2, rate: 100)
    let spectrum = try Multitaper(segment: 5)(white, cross: true)
    let step = spectrum.frequencies[1]
    let total = spectrum.power.sum(axis: 0).doubles.map { $0 * step }
    #expect(total.allSatisfy { abs($0 - 1) < 0.1 })
    let coherence = try #require(spectrum.coherence)
    #expect(coherence[.all, 0, 1].mean().item < 0.15 && abs(coherence[10, 0, 0].item - 1) < 1e-9)
    // A wave stands at its frequency.
    let wave = (0..<1_000).map { sin(2 * Double.pi * 12 * Double($0) / 100) }
    let peak = try Multitaper(halfBandwidth: 2, segment: 5)(recording(wave, rate: 100))
    let values = peak.power.doubles
    #expect(abs(peak.frequencies[values.indices.max { values[$0] < values[$1] }!] - 12) < 0.5)
  }

  @Test func informationFlowsOneWay() throws {
    var generator = RandomGenerator(seed: 8)
    var (x, y) = ([Double](), [Double]())
    for t in 0..<5_000 {
      x.append(generator.uniform() < 0.5 ? 1 : 0)
      y.append(t > 0 && generator.uniform() < 0.8 ? x[t - 1] : (generator.uniform() < 0.5 ? 1 : 0))
    }
    let both = try recording(zip(x, y).flatMap { [$0, $1] }, neurons: 2)
    let flow = TransferEntropy().matrix(both, surrogates: 5, using: &generator)
    // The next is right in 90 of 100: one bit less the entropy of a coin of 0.9.
    let expected = 1 + 0.9 * log2(0.9) + 0.1 * log2(0.1)
    #expect(abs(flow[0][1] - expected) < 0.03 && abs(flow[1][0]) < 0.005 && flow[0][0] == 0)
  }
}
