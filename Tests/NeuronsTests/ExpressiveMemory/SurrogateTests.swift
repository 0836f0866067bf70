import Datasets
import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct SurrogateTests {
  private func rates(_ count: Int = 40) -> FluctuatingRates {
    var input = FluctuatingRates()
    (input.excitatory, input.inhibitory) = (count, count)
    return input
  }

  private func silent(_ steps: Int, inputs: Int = 80) throws -> SynapticEvents {
    try SynapticEvents(steps: steps, inputs: inputs, sequences: [[]])
  }

  @Test func withoutInputTheCellRests() throws {
    let recording = try CompartmentalNeuron().respond(to: silent(200))
    #expect(recording.spikeCount == 0)
    #expect(recording.voltage.allSatisfy { abs($0 + 70) < 1e-3 })
  }

  /// Steady inhibition on all dendrites: voltages of a linear circuit.
  @Test func inhibitionPullsTowardsItsReversal() throws {
    var cell = CompartmentalNeuron()
    cell.gaba = 3
    let events = try SynapticEvents(
      steps: 120, inputs: 80,
      sequences: [(0..<120).flatMap { t in (40..<80).map { (time: t, input: $0, value: Float(-1)) } }])
    let voltage = try cell.respond(to: events).voltage
    // Five synapses of 3 nS a dendrite and millisecond, each for ten milliseconds.
    let open = 5 * 3 * 10.0
    var (soma, dendrite) = (-70.0, -70.0)
    for _ in 0..<1000 {
      dendrite = (4 * -70 + 4 * soma + open * -75) / (4 + 4 + open)
      soma = (7.5 * -70 + 8 * 4 * dendrite) / (7.5 + 8 * 4)
    }
    #expect(abs(Double(voltage[119]) - soma) < 0.05, "\(voltage[119]) \(soma)")
  }

  /// Two groups of events on one dendrite do more together than the sum of both alone; without NMDA less.
  @Test func magnesiumMakesDendritesSupralinear() throws {
    func peak(_ nmda: Double, _ groups: [Range<Int>]) throws -> Double {
      var cell = CompartmentalNeuron()
      (cell.nmda, cell.threshold) = (nmda, 100)
      let events = try SynapticEvents(
        steps: 100, inputs: 800,
        sequences: [groups.flatMap { $0.map { (time: 5, input: $0, value: Float(1)) } }])
      return Double(try cell.respond(to: events).voltage.max()!) + 70
    }
    let (a, b) = (0..<20, 20..<40)
    for nmda in [0, 0.5] {
      let (one, other, both) = (try peak(nmda, [a]), try peak(nmda, [b]), try peak(nmda, [a, b]))
      #expect(
        nmda > 0 ? both > 1.1 * (one + other) : both < one + other, "NMDA \(nmda): \(one) \(other) \(both)")
    }
  }

  @Test func calibrationSetsTheRate() throws {
    var g = RandomGenerator(seed: 3)
    let input = rates(200)
    let cell = try CompartmentalNeuron().calibrated(
      to: 5, input: input, recordings: 4, steps: 2000, using: &g)
    let rate = try cell.recordings(8, steps: 2000, input: input, using: &g).rate
    #expect(rate > 2.5 && rate < 10, "\(rate)")
    #expect(throws: CajalError.self) {
      _ = try CompartmentalNeuron().calibrated(to: 900, input: input, recordings: 1, steps: 300, using: &g)
    }
  }

  @Test func scoresOfKnownPredictions() throws {
    let steps = 2000
    var g = RandomGenerator(seed: 1)
    let voltage = (0..<steps).map { _ in Float(-65 + 4 * g.normal()) }
    let spikes = (0..<steps).map { $0 % 97 == 0 }
    let recordings = try SynapticRecordings(
      name: "made",
      recordings: [try SynapticRecording(events: silent(steps), spikes: spikes, voltage: voltage)],
      fingerprint: "made")
    // Half the depth and two millivolts too high: errors of scale and mean, which rescaling hides.
    let cut = voltage.map { Double(min($0, -55)) }
    let prediction = SurrogatePrediction(
      logits: [spikes.map { $0 ? 1 : -1 }], voltage: [cut.map { -63 + ($0 + 65) / 2 }])
    let score = try SurrogateScore(prediction, recordings, ignoring: 500, most: nil)
    #expect(score.areaUnderROC == 1 && score.truePositivesAtOne == 1)
    #expect(score.rescaledError < 1e-9)
    #expect(abs(score.rescaledVariance - 1) < 1e-9)
    let wanted: Double = 8.0.squareRoot()
    #expect(abs(score.voltageError - wanted) < 0.15)
    #expect(abs(score.explainedVariance - 0.75) < 0.01)
    #expect(throws: CajalError.self) {
      _ = try SurrogateScore(prediction, recordings, ignoring: 500, most: 5)
    }
    let blind = SurrogatePrediction(logits: [spikes.map { _ in 0 }], voltage: [cut])
    let same = try SurrogateScore(blind, recordings, ignoring: 500, most: nil)
    #expect(same.areaUnderROC == 0.5 && same.truePositivesAtOne == 0 && same.voltageError == 0)
  }

  /// Windows with burn-in give what the whole run gives, for a neuron that forgets within the burn-in.
  @Test func windowsAreTheWholeRun() throws {
    var g = RandomGenerator(seed: 4)
    var c = ExpressiveLeakyMemory.Configuration(inputs: 80, outputs: 2, memoryUnits: 3)
    c.memoryTimeConstants = 1...8
    let neuron = try ExpressiveLeakyMemory(c, using: &g)
    let input = rates()
    let whole = try neuron.recordings(2, steps: 777, input: input, name: "itself", using: &g)
    let prediction = try SurrogatePrediction(neuron, whole.recordings, window: 300, burnIn: 150)
    for (recording, voltage) in zip(whole.recordings.recordings, prediction.voltage) {
      #expect(zip(recording.voltage, voltage).allSatisfy { abs(Double($0) - $1) < 1e-3 })
    }
    #expect(throws: CajalError.self) { _ = try SurrogatePrediction(neuron, whole.recordings, window: 900) }
    #expect(throws: CajalError.self) { _ = try SurrogatePrediction(neuron, whole.recordings, window: 100) }
  }

  @Test func trainingFitsACell() throws {
    var g = RandomGenerator(seed: 6)
    let cell = try CompartmentalNeuron().calibrated(
      to: 5, input: rates(160), recordings: 4, steps: 2000, using: &g)
    let recordings = try cell.recordings(10, steps: 1500, input: rates(160), using: &g)
    var c = ExpressiveLeakyMemory.Configuration(inputs: 320, outputs: 2, memoryUnits: 5)
    (c.branches, c.synapsesPerBranch, c.routing, c.memoryTimeConstants) = (16, 40, .windows, 1...150)
    let neuron = try ExpressiveLeakyMemory(c, using: &g)
    var training = SurrogateTraining()
    (training.steps, training.learningRate, training.validationInterval) = (300, 5e-3, 100)
    let (train, test) = (recordings.subset(Array(0..<8)), recordings.subset([8, 9]))
    func explained() throws -> Double {
      try SurrogateScore(SurrogatePrediction(neuron, test), test, ignoring: 500, most: nil).explainedVariance
    }
    let losses = try training.run(neuron, train, validation: test, using: &g)
    #expect(losses.count == 3 && losses[2] < losses[0])
    #expect(try explained() > 0.3)
  }

  /// The first steps of a sequence decide its class.
  @Test func classificationRemembers() throws {
    let task = SequenceTask(
      name: "first", inputs: 4, steps: 30, classes: 2, train: { try Self.draw($0, &$1) },
      test: { try Self.draw($0, &$1) })
    var g = RandomGenerator(seed: 2)
    var c = ExpressiveLeakyMemory.Configuration(inputs: 4, outputs: 2, memoryUnits: 8)
    (c.version, c.memoryTimeConstants) = (.second, 1...100)
    let neuron = try ExpressiveLeakyMemory(c, using: &g)
    var training = SequenceClassification()
    (training.steps, training.testSamples, training.learningRate) = (150, 100, 1e-2)
    let outcome = try training.run(neuron, task, using: &g)
    #expect(outcome.accuracy > 0.9 && outcome.losses.count == 2, "\(outcome.accuracy)")
  }

  private static func draw(_ count: Int, _ g: inout RandomGenerator) throws -> SequenceTask.Samples {
    let labels = (0..<count).map { _ in g.integer(below: 2) }
    let sequences = labels.map { label in
      [(time: 1, input: label, value: Float(1))]
        + (5..<30).map { (time: $0, input: 2 + g.integer(below: 2), value: Float(1)) }
    }
    return (try SynapticEvents(steps: 30, inputs: 4, sequences: sequences), labels)
  }
}
