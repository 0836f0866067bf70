import Foundation
import Neurons
import Support
import Testing

@Suite struct DendriticNeuronTests {
  @Test func thresholdsAreInclusive() throws {
    let pattern = try SDR([0, 1, 2, 3], of: 10)
    let segment = DendriticSegment(synapses: try SDR([2, 3, 4, 5], of: 10), threshold: 2)
    #expect(segment.overlap(pattern) == 2 && segment.fires(pattern))
    #expect(!segment.fires(try SDR([2, 9], of: 10)))
    #expect(DendriticNonlinearity.threshold(3)(3) == 3 && DendriticNonlinearity.threshold(3)(2) == 0)
    #expect(DendriticNonlinearity.power(2)(5) == 25)
    let sigmoid = DendriticNonlinearity.sigmoid(centre: 11.5, slope: 5)
    #expect(abs(sigmoid(11) + sigmoid(12) - 1) < 1e-12 && sigmoid(24) > 0.999)
  }

  @Test func responsesSumOverSegments() throws {
    var generator = RandomGenerator(seed: 4)
    let segments = (0..<37).map { _ in SDR.random(n: 300, a: 20, using: &generator) }
    let patterns = (0..<9).map { _ in SDR.random(n: 300, a: 60, using: &generator) }
    for nonlinearity in [DendriticNonlinearity.threshold(5), .power(3), .sigmoid(centre: 5, slope: 2)] {
      let neuron = try DendriticNeuron(segments: segments, nonlinearity: nonlinearity)
      let expected = patterns.map { pattern in
        segments.reduce(0.0) { $0 + nonlinearity($1.overlap(pattern)) }
      }
      for (got, want) in zip(neuron.responses(try SDRMatrix(patterns)), expected) {
        #expect(abs(got - want) <= 1e-9 * max(1, want))
      }
      for (pattern, want) in zip(patterns, expected) {
        #expect(abs(neuron.response(pattern) - want) <= 1e-9 * max(1, want))
        #expect(neuron.predict(pattern) == (want > 0))
      }
    }
  }

  @Test func storesEachExampleOnASegment() throws {
    var generator = RandomGenerator(seed: 6)
    let examples = (0..<50).map { _ in SDR.random(n: 1000, a: 40, using: &generator) }
    let neuron = try DendriticNeuron(
      storing: examples, segments: 50, synapses: 20, nonlinearity: .threshold(12), using: &generator)
    for (index, example) in examples.enumerated() {
      #expect(neuron.activations(example)[index] == 20 && neuron.predict(example))
    }
    #expect(!neuron.predict(SDR.random(n: 1000, a: 40, using: &generator)))
    #expect(throws: CajalError.self) {
      try DendriticNeuron(
        storing: [], segments: 5, synapses: 20, nonlinearity: .threshold(12), using: &generator)
    }
  }

  @Test func clustersShareASegment() throws {
    var generator = RandomGenerator(seed: 8)
    let prototypes = (0..<10).map { _ in SDR.random(n: 1000, a: 40, using: &generator) }
    let examples = (0..<200).map { prototypes[$0 % 10].withNoise(6, using: &generator) }
    let neuron = try DendriticNeuron(
      storing: examples, segments: 20, synapses: 24, nonlinearity: .threshold(12), using: &generator)
    #expect(neuron.segments.count == 20 && neuron.segments.allSatisfy { $0.count <= 24 })
    // Copies that were never stored are recognised, unrelated patterns are not.
    let fresh = (0..<100).map { prototypes[$0 % 10].withNoise(6, using: &generator) }
    #expect(fresh.count(where: neuron.predict) > 90)
    let other = (0..<100).map { _ in SDR.random(n: 1000, a: 40, using: &generator) }
    #expect(!other.contains(where: neuron.predict))
  }

  @Test func clustersCoverAllExamplesOnce() throws {
    var generator = RandomGenerator(seed: 1)
    let examples = (0..<60).map { _ in SDR.random(n: 200, a: 10, using: &generator) }
    let clusters = try PatternClusters(examples, count: 7, using: &generator)
    #expect(clusters.members.count == 7 && clusters.members.allSatisfy { !$0.isEmpty })
    #expect(clusters.members.joined().sorted() == Array(0..<60))
    #expect(throws: CajalError.self) { try PatternClusters(examples, count: 61, using: &generator) }
  }

  @Test func permanencesFollowTheRule() throws {
    var generator = RandomGenerator(seed: 2)
    let rule = PermanenceRule()
    let pattern = try SDR([0, 1, 2, 3, 20, 21], of: 30)
    var neuron = try DendriticNeuron(
      segments: [try SDR([0, 1, 2, 9], of: 30), try SDR([0, 10, 11, 12], of: 30)], nonlinearity: .threshold(3)
    )
    #expect(neuron.learn(pattern, isPositive: true, using: &generator) == .truePositive)
    #expect(neuron.segments[0].map(\.permanence) == [0.52, 0.52, 0.52, 0.4875])
    #expect(neuron.segments[1].allSatisfy { $0.permanence == rule.initial })
    #expect(neuron.learn(pattern, isPositive: false, using: &generator) == .falsePositive)
    #expect(abs(neuron.segments[0][0].permanence - 0.5075) < 1e-6)
    let silent = try SDR([25, 26], of: 30)
    #expect(neuron.learn(silent, isPositive: false, using: &generator) == .trueNegative)
    #expect(neuron.learn(silent, isPositive: true, using: &generator) == .falseNegative)
    #expect(neuron.connected.count == 2 && neuron.activations(silent).allSatisfy { $0 == 0 })
  }

  @Test func worthlessSynapsesMoveAndWeakSegmentsAreGivenAway() throws {
    var generator = RandomGenerator(seed: 3)
    var rule = PermanenceRule()
    rule.decrement = 0.4
    let pattern = try SDR([0, 1, 2, 3, 4], of: 30)
    var neuron = try DendriticNeuron(segments: [try SDR([0, 1, 2, 9], of: 30)], nonlinearity: .threshold(3))
    neuron.learn(pattern, isPositive: true, rule: rule, using: &generator)
    // The synapse on cell 9 fell to 0.1 and moved to cell 3 or 4.
    let cells = Set(neuron.segments[0].map(\.cell))
    #expect(!cells.contains(9) && cells.count == 4 && neuron.activations(pattern) == [4])
    neuron.learn(pattern, isPositive: false, rule: rule, using: &generator)
    neuron.learn(try SDR([0, 1, 2], of: 30), isPositive: false, rule: rule, using: &generator)
    #expect(!neuron.predict(pattern))
    #expect(neuron.learn(pattern, isPositive: true, rule: rule, using: &generator) == .falseNegative)
    #expect(neuron.predict(pattern))
  }

  @Test func learningImprovesClassification() throws {
    var generator = RandomGenerator(seed: 10)
    let data = PoiraziMelPatterns(perClass: 100, using: &generator)
    var neuron = try DendriticNeuron(
      storing: data.positive, segments: 40, synapses: 30, nonlinearity: .threshold(9), using: &generator)
    func errors() -> Int {
      data.positive.count { !neuron.predict($0) } + data.negative.count { neuron.predict($0) }
    }
    let before = errors()
    for _ in 0..<40 {
      for index in generator.permutation(200) {
        let isPositive = index < 100
        neuron.learn(
          isPositive ? data.positive[index] : data.negative[index - 100], isPositive: isPositive,
          using: &generator)
      }
    }
    #expect(before > 0 && errors() < before)
  }

  @Test func memoriesPredictWhatFollows() throws {
    var generator = RandomGenerator(seed: 12)
    let sequence = (0..<10).map { _ in SDR.random(n: 1024, a: 30, using: &generator) }
    var memory = try FirstOrderTemporalMemory(n: 1024, synapses: 20, threshold: 12)
    for _ in 0..<3 { memory.learn(sequence, using: &generator) }
    #expect(memory.owners.count == 9 * 30)
    for (current, next) in zip(sequence, sequence.dropFirst()) {
      #expect(memory.predict(current) == next)
      #expect(memory.predict(current.withNoise(3, using: &generator)).jaccard(next) > 0.9)
    }
    #expect(memory.predict(sequence[9]).activeCount == 0)
    #expect(throws: CajalError.self) { try FirstOrderTemporalMemory(n: 10, synapses: 5, threshold: 6) }
  }

  @Test func perceptronsSeparateWhatIsSeparable() throws {
    var generator = RandomGenerator(seed: 13)
    let positive = (0..<40).map { _ in SDR.random(n: 500, a: 20, using: &generator) }
    let negative = (0..<40).map { _ in SDR.random(n: 500, a: 20, using: &generator) }
    var unit = LinearThresholdUnit(n: 500)
    #expect(unit.train(positive: positive, negative: negative, epochs: 200, using: &generator) == 0)
    #expect(positive.allSatisfy(unit.fires) && !negative.contains(where: unit.fires))
  }

  @Test func experimentsAgreeWithTheoryOnIndependentCells() throws {
    var generator = RandomGenerator(seed: 14)
    let patterns = (0..<3000).map { _ in SDR.random(n: 600, a: 40, using: &generator) }
    let experiment = try RecognitionExperiment(
      stored: Array(patterns[..<100]), unseen: Array(patterns[100...]), synapses: 16, noise: 0.25, copies: 50,
      using: &generator)
    #expect(experiment.segments == 100 && experiment.rows.map(\.theta) == Array(1...16))
    for row in experiment.rows {
      let positive = row.neuronFalsePositive.interval(confidence: 0.9999)
      let negative = row.falseNegative.interval(confidence: 0.9999)
      // Segments of one neuron meet the same patterns: three times the interval is a generous allowance.
      #expect(
        abs(row.neuronFalsePositive.rate - row.expectedNeuronFalsePositive)
          <= 3 * (positive.upperBound - positive.lowerBound))
      #expect(negative.contains(row.expectedFalseNegative), "theta \(row.theta)")
    }
    #expect(throws: CajalError.self) {
      try RecognitionExperiment(stored: [], unseen: patterns, synapses: 16, noise: 0, using: &generator)
    }
  }
}
