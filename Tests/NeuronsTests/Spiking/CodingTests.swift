import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct CodingTests {
  private func encode(_ encoder: SpikeEncoder, _ values: [Double]) -> [[Double]] {
    var g = RandomGenerator(seed: 1)
    let spikes = encoder.encode(Tensor(values), using: &g)
    #expect(spikes.shape == [encoder.steps, values.count])
    return (0..<values.count).map { value in spikes[.all, value].doubles }
  }

  @Test func referenceEncodings() throws {
    let table = NeuronGoldenTests.file["encodings"] as! [String: Any]
    func numbers(_ key: String) -> [Double] { (table[key] as! [NSNumber]).map(\.doubleValue) }
    let image = Tensor(numbers("image"))
    var g = RandomGenerator(seed: 1)
    for (key, encoder) in [("ttfs", SpikeEncoder.timeToFirstSpike(steps: 4)), ("phase", .phase(steps: 4))] {
      let spikes = encoder.encode(image, using: &g).doubles
      #expect(zip(spikes, numbers(key)).allSatisfy { abs($0 - $1) < 1e-9 }, "\(key)")
    }
    let drawn = Tensor(numbers("uniform"), shape: [4, 9])
    #expect(SpikeEncoder.rates(image, drawn).doubles == numbers("rate"))
  }

  @Test func directAndLatencyCodes() {
    #expect(encode(.direct(steps: 3), [0.2, 0.9]) == [[0.2, 0.2, 0.2], [0.9, 0.9, 0.9]])
    let latency = encode(.latency(steps: 5), [1, 0.5, 0.01, 0])
    #expect(latency == [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]])
    // τ ln(x/(x - θ)): 10 ln(0.5/0.3) = 5.1.
    let log = encode(.logarithmicLatency(steps: 8, tau: 10, threshold: 0.2), [0.5, 0.2])
    #expect(log[0].firstIndex(of: 1) == 5 && log[1].allSatisfy { $0 == 0 })
  }

  @Test func burstsGrowAndThicken() {
    let bursts = encode(.burst(steps: 20, most: 5, gap: 4), [1, 0.5, 0])
    #expect(bursts[0].prefix(5).allSatisfy { $0 == 1 } && bursts[0].reduce(0, +) == 5)
    #expect(bursts[1].reduce(0, +) == 3 && bursts[2].allSatisfy { $0 == 0 })
  }

  @Test func ratesComeOutAsAskedAndRepeat() {
    let rates = Tensor([0.05, 0.3, 0.8])
    for source in [SpikeSource.bernoulli, .poisson] {
      var (a, b) = (RandomGenerator(seed: 4), RandomGenerator(seed: 4))
      let spikes = source.spikes(rates, steps: 20_000, using: &a)
      #expect(spikes.doubles == source.spikes(rates, steps: 20_000, using: &b).doubles)
      let (mean, square) = (spikes.mean(axis: 0).doubles, spikes.square().mean(axis: 0).doubles)
      for (index, rate) in rates.doubles.enumerated() {
        #expect(abs(mean[index] - rate) < 0.02)
        let variance = square[index] - mean[index] * mean[index]
        #expect(abs(variance - (source == .poisson ? rate : rate * (1 - rate))) < 0.03)
      }
    }
  }

  @Test func changesAreDeltas() {
    let x = Tensor([0, 0.5, 0.5, 0.1, 0.15])
    #expect(SpikeEncoder.delta(x, threshold: 0.2).doubles == [0, 1, 0, -1, 0])
    #expect(SpikeEncoder.delta(x, threshold: 0.2, signed: false).doubles == [0, 1, 0, 0, 0])
  }

  @Test func populationsPeakAtTheirCentre() {
    let code = SpikeEncoder.population(Tensor([0.0625, 0.5]), neurons: 10)
    #expect(code.shape == [2, 10])
    #expect(abs(code[0, 1].item - 1) < 1e-12)  // (2 - 1)/2 / 8
    #expect(abs(code[1, 4].item - exp(-0.5 * pow(1.5 * 8 * 0.0625, 2))) < 1e-12)
  }

  @Test func readoutsReadWhatTheySay() {
    let x = Tensor([0.0, 1, 0, 0, 1, 0, 0, 1, 0], shape: [3, 1, 3])
    #expect(SpikeReadout.count(x).doubles == [0, 3, 0])
    #expect(
      SpikeReadout.firstSpike(Tensor([0.0, 1, 0, 1, 1, 0, 0, 1, 0], shape: [3, 1, 3])).doubles == [1, 0, 3])
    #expect(SpikeReadout.rate(x).doubles == [0, 1, 0] && SpikeReadout.last(x).doubles == [0, 1, 0])
    #expect(SpikeReadout.highest(x * 2).doubles == [0, 2, 0])
    #expect(abs(SpikeReadout.summedSoftmax(x).sum().item - 3) < 1e-12)
  }

  /// Losses by hand, and the direction in which they push.
  @Test func lossesPushTheRightWay() {
    let classes = Tensor([1])
    let x = Tensor([0.0, 1, 0, 1, 0, 0], shape: [2, 1, 3]).requiringGradient()
    func gradient(_ loss: Tensor) -> [Double] {
      x.gradient = nil
      loss.backward()
      return x.gradient!.doubles
    }
    let rate = SpikeLoss.rateCrossEntropy(x, classes)
    let expected = -log(exp(0.5) / (2 * exp(0.5) + 1))
    #expect(abs(rate.item - expected) < 1e-12)
    for loss in [
      rate, SpikeLoss.membraneCrossEntropy(x, classes), SpikeLoss.highestMembraneCrossEntropy(x, classes),
      SpikeLoss.countError(x, classes), SpikeLoss.firstSpikeCrossEntropy(x, classes),
    ] {
      let g = gradient(loss)
      #expect(g[1] + g[4] < 0, "more of the right class lowers the loss")
      #expect(g[0] + g[3] >= 0)
    }
    // Counts 1, 1, 0 against 0, 2, 0 of two steps: squares 1, 1, 0, their mean over two steps.
    #expect(abs(SpikeLoss.countError(x, classes).item - (2.0 / 3) / 2) < 1e-12)
  }

  @Test func regularisersMeasureActivity() {
    let x = Tensor([1.0, 0, 1, 0, 1, 0, 0, 0], shape: [2, 2, 2])
    #expect(ActivityRegulariser.l1(x).item == 0.375)
    // Rates by batch and neuron: 1, 0, 0.5, 0.
    #expect(ActivityRegulariser.l2(x).item == 1.25 / 4)
    // Rates by neuron: 0.75 and 0.
    #expect(abs(ActivityRegulariser.rate(0.25)(x).item - (0.25 + 0.0625) / 2) < 1e-12)
    #expect(abs(ActivityRegulariser.silent(below: 0.1)(x).item - 0.01 / 2) < 1e-12)
    #expect(abs(ActivityRegulariser.saturated(above: 0.5)(x).item - 0.0625 / 2) < 1e-12)
  }
}
