import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct ReservoirTests {
  private func cue(_ channel: Int = 0, channels: Int = 1, steps: Int = 250) -> ReservoirInput {
    ReservoirInput(
      steps: steps, channels: channels, pulses: [.init(channel: channel, start: 50, length: 50)])
  }

  /// The equations neuron by neuron, with the whole matrix.
  private func plainSpikes(_ r: IzhikevichReservoir, _ weights: [[Double]], _ input: ReservoirInput)
    -> [[Int]]
  {
    let p = r.population
    var v = [Double](repeating: -65, count: r.size)
    var u = p.b.map { $0 * -65 }
    var s = [Double](repeating: 0, count: r.size)
    var spikes: [[Int]] = []
    for step in 0..<input.steps {
      var fired = [Bool](repeating: false, count: r.size)
      for i in 0..<r.size {
        var current = r.bias
        for j in 0..<r.size { current += weights[i][j] * s[j] }
        for c in 0..<input.channels {
          current += r.inputWeights[c][i] * input.values[step * input.channels + c]
        }
        for _ in 0..<2 { v[i] += 0.5 * (0.04 * v[i] * v[i] + 5 * v[i] + 140 - u[i] + current) }
        u[i] += p.a[i] * (p.b[i] * v[i] - u[i])
        fired[i] = v[i] >= 30
        if fired[i] { (v[i], u[i]) = (p.c[i], u[i] + p.d[i]) }
      }
      for j in 0..<r.size {
        let tau = r.synapticTimeConstants[j]
        s[j] = s[j] * exp(-1 / tau) + (fired[j] ? 10 / tau : 0)
        if fired[j] { spikes.append([step, j]) }
      }
    }
    return spikes
  }

  @Test(arguments: [8, 9, 37])
  func itIsThePlainEquations(_ size: Int) {
    var generator = RandomGenerator(seed: UInt64(size))
    var configuration = IzhikevichReservoir.Configuration(size: size, inputs: 2)
    (configuration.connectionProbability, configuration.synapticLevels) = (0.3, 3)
    let drawn = IzhikevichReservoir(configuration, using: &generator)
    let weights = drawn.weights
    #expect(weights.indices.allSatisfy { weights[$0][$0] == 0 })
    #expect(weights.joined().filter { $0 != 0 }.count == drawn.synapseCount && drawn.synapseCount > 0)
    let input = cue(1, channels: 2)
    let run = drawn.run(input, using: &generator)
    // Sums in another order differ in the last bits: spikes are the same as long as nothing is chaotic.
    #expect(
      run.spikes.map { [$0.step, $0.neuron] } == plainSpikes(drawn, weights, input) && run.spikes.count > 10)
    #expect(run.spikes.allSatisfy { $0.neuron < size })
    let explicit = IzhikevichReservoir(
      population: drawn.population, excitatoryCount: drawn.excitatoryCount, weights: weights,
      inputWeights: drawn.inputWeights, synapticTimeConstants: drawn.synapticTimeConstants,
      readoutTimeConstants: drawn.readoutTimeConstants)
    #expect(explicit.run(input, using: &generator).features == run.features)
  }

  /// One neuron of each kind against the model on tensors, for as long as the rounding of the last bit does not show: with steps of a
  /// millisecond inhibitory neurons are chaotic by themselves.
  @Test func neuronsAreThoseOfTheModel() {
    let steps = 200
    let kinds = [Izhikevich.Parameters.regularSpiking, .chattering, .fastSpiking, .lowThresholdSpiking]
    let reservoir = IzhikevichReservoir(
      population: IzhikevichPopulation(
        a: kinds.map(\.a), b: kinds.map(\.b), c: kinds.map(\.c), d: kinds.map(\.d)), excitatoryCount: 2,
      weights: [[Double]](repeating: [0, 0, 0, 0], count: 4), inputWeights: [[1, 1, 1, 1]],
      synapticTimeConstants: [5, 5, 5, 5], readoutTimeConstants: [20, 20, 20, 20], bias: 0)
    let current = (0..<steps).map { $0 < 50 ? 0 : 10.0 }
    var unused = RandomGenerator(seed: 0)
    let run = reservoir.run(ReservoirInput(values: current, steps: steps, channels: 1), using: &unused)
    for (index, kind) in kinds.enumerated() {
      var parameters = kind
      parameters.start = -65
      let model = Izhikevich(parameters)
      let spikes = model.unfused(Tensor(current, shape: [steps, 1, 1])).output.doubles
      let times = spikes.indices.filter { spikes[$0] > 0 }
      #expect(run.spikes.filter { $0.neuron == index }.map(\.step) == times && times.count > 3)
    }
  }

  @Test func featuresAreFilteredSpikes() {
    var generator = RandomGenerator(seed: 3)
    let reservoir = IzhikevichReservoir(.init(size: 40), using: &generator)
    let run = reservoir.run(cue(), using: &generator)
    for neuron in [0, 17, 39] {
      let tau = reservoir.readoutTimeConstants[neuron]
      let times = run.spikes.filter { $0.neuron == neuron }.map(\.step)
      for step in [100, 249] {
        let expected = times.filter { $0 <= step }.reduce(0.0) {
          $0 + 10 / tau * exp(-Double(step - $1) / tau)
        }
        #expect(abs(run.features[step][neuron] - expected) < 1e-12)
      }
    }
    #expect(run.features[0].last == 1 && run.features.count == 41)
    #expect(abs(run.meanRate - Double(run.spikes.count) / 40 / 0.25) < 1e-9)
  }

  @Test func trialsAreTheSameUnlessThereIsNoise() {
    var (first, second) = (RandomGenerator(seed: 4), RandomGenerator(seed: 4))
    var configuration = IzhikevichReservoir.Configuration(size: 60)
    let one = IzhikevichReservoir(configuration, using: &first)
    let two = IzhikevichReservoir(configuration, using: &second)
    let features = one.features(cue(), using: &first)
    #expect(features == two.features(cue(), using: &second))
    #expect(features == one.features(cue(), using: &first) && one.isDeterministic)
    configuration.membraneNoise = 0.5
    let noisy = IzhikevichReservoir(configuration, using: &second)
    #expect(noisy.features(cue(), using: &first) != noisy.features(cue(), using: &first))
    var (third, fourth) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
    #expect(noisy.features(cue(), using: &third) == noisy.features(cue(), using: &fourth))
    #expect(!noisy.isDeterministic)
  }

  @Test func variantsArePairedAndAlikeOnesAlike() {
    var configuration = IzhikevichReservoir.Configuration(size: 100)
    func drawn() -> IzhikevichReservoir {
      var generator = RandomGenerator(seed: 5)
      return IzhikevichReservoir(configuration, using: &generator)
    }
    let unlike = drawn()
    configuration.heterogeneity = []
    let alike = drawn()
    #expect(unlike.weights == alike.weights && unlike.inputWeights == alike.inputWeights)
    #expect(Set(alike.population.c).count == 2 && Set(unlike.population.c).count > 70)
    #expect(Set(alike.synapticTimeConstants) == [27.5] && Set(unlike.synapticTimeConstants).count == 8)
    #expect(alike.readoutTimeConstants.allSatisfy { abs($0 - 2000.squareRoot()) < 1e-9 })
    #expect(unlike.readoutTimeConstants.allSatisfy { (10...200).contains($0) })
    #expect(unlike.population.a.allSatisfy { $0 >= 0.002 && $0 <= 0.2 })
    // A tenth of the pairs, and inhibition as strong as it should be.
    let share = Double(unlike.synapseCount) / 9900
    #expect(abs(share - 0.1) < 0.02)
    for (sender, sign) in [(0, 1.0), (79, 1), (80, -1), (99, -1)] {
      let sent = unlike.weights.map { $0[sender] }.filter { $0 != 0 }
      #expect(!sent.isEmpty && sent.allSatisfy { $0 * sign > 0 })
    }
    func size(_ senders: Range<Int>) -> Double {
      Spread(senders.flatMap { sender in unlike.weights.map { abs($0[sender]) } }.filter { $0 > 0 }).mean
    }
    #expect(abs(size(80..<100) / size(0..<80) - 4) < 0.6)
  }

  @Test func rateReservoirsRestWithoutInputAndAnswerIt() {
    var generator = RandomGenerator(seed: 6)
    var configuration = RateReservoir.Configuration(size: 50)
    configuration.biasStrength = 0
    let reservoir = RateReservoir(configuration, using: &generator)
    let x = reservoir.features(cue(), using: &generator)
    #expect(x[49].dropLast().allSatisfy { $0 == 0 } && x[49].last == 1)
    #expect(x[99].dropLast().contains { abs($0) > 0.1 })
    // One step of one unit by hand: nothing but the input has arrived.
    let second = reservoir.features(
      ReservoirInput(values: [0.5, 0], steps: 2, channels: 1), using: &generator)
    #expect(second[0].dropLast().allSatisfy { abs($0) < 1 } && second[0] != second[1])
    #expect(reservoir.isDeterministic && reservoir.featureCount == 51)
  }

  @Test func inputsArePulses() {
    let input = ReservoirInput(
      steps: 10, channels: 2,
      pulses: [
        .init(channel: 1, start: 8, length: 5, height: 2),
        .init(channel: 0, start: 2, length: 4, shape: .halfSine),
      ])
    #expect(input.values[17] == 2 && input.values[19] == 2 && input.values[15] == 0)
    #expect(abs(input.values[4] - sin(Double.pi / 8)) < 1e-12)
    #expect(abs(input.values[4] - input.values[10]) < 1e-12)
    let timing = TrialTiming(duration: 100, cueOnset: 20, cueLength: 10, temporalPulses: 4)
    let told = timing.input(cue: 1, of: 2)
    #expect(told.channels == 6 && told.values[20 * 6 + 1] == 1 && told.values[20 * 6] == 0)
    // The drive tiles the time from the cue on: at every step exactly one pulse is on.
    for step in 0..<100 {
      let on = (2..<6).filter { told.values[step * 6 + $0] > 0 }.count
      #expect(on == (step < 20 ? 0 : 1))
    }
  }

  @Test func featuresOfCuesAreScaled() {
    var generator = RandomGenerator(seed: 7)
    let reservoir = IzhikevichReservoir(.init(size: 60, inputs: 2), using: &generator)
    let cues = CueFeatures(reservoir, featureNoise: 0, using: &generator)
    let both = (0..<2).map { cues.trial(cue: $0, using: &generator) }
    #expect(abs(both.reduce(0) { $0 + $1.meanSquaredNorm } / 2 - 1) < 1e-9 && both[0] != both[1])
    let noisy = CueFeatures(reservoir, featureNoise: 0.5, using: &generator)
    let trials = (0..<2).map { _ in noisy.trial(cue: 0, using: &generator) }
    #expect(trials[0] != trials[1] && trials[0][3].last == trials[1][3].last)
    let change = zip(trials[0].values, both[0].values).map { $0 - $1 }
    let size = (change.reduce(0) { $0 + $1 * $1 } / Double(800 * 60)).squareRoot()
    #expect(abs(size - 0.5 / 60.0.squareRoot()) < 0.002)
  }
}
