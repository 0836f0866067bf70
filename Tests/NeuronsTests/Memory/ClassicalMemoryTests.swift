import Foundation
import Neurons
import Support
import Testing

@Suite struct WillshawMemoryTests {
  @Test func loadAndFalseOutputsFollowTheory() throws {
    var generator = RandomGenerator(seed: 3)
    let (n, k, pairs) = (600, 8, 2500)
    var memory = WillshawMemory(inputs: n, outputs: n)
    let stored = (0..<pairs).map { _ in
      (SDR.random(n: n, a: k, using: &generator), SDR.random(n: n, a: k, using: &generator))
    }
    for (input, output) in stored { memory.store(input, with: output) }
    let load = WillshawMemory.expectedLoad(
      pairs: pairs, inputs: n, activeInputs: k, outputs: n, activeOutputs: k)
    #expect(abs(memory.load - load) < 0.01)
    var surplus = 0
    for (input, output) in stored.prefix(500) {
      let recalled = memory.recall(input)
      #expect(recalled.overlap(output) == k, "nothing that was stored is ever missed")
      surplus += recalled.activeCount - k
    }
    let rate = BinomialEstimate(events: surplus, trials: 500 * (n - k))
    let theory = WillshawMemory.expectedFalsePositiveRate(
      pairs: pairs, inputs: n, activeInputs: k, outputs: n, activeOutputs: k)
    // Outputs differ in how often they were active, so that the law of the mean load is far too low.
    #expect(theory > 1.4 * WillshawMemory.falsePositiveRate(load: memory.load, activeInputs: k))
    #expect(rate.rate > 0.8 * theory && rate.rate < 1.4 * theory, "\(rate.rate) for \(theory)")
  }

  @Test func capacityLeavesOneFalseOutput() {
    let pairs = WillshawMemory.capacity(inputs: 1000, activeInputs: 10, outputs: 1000, activeOutputs: 10)
    let load = WillshawMemory.expectedLoad(
      pairs: Int(pairs), inputs: 1000, activeInputs: 10, outputs: 1000, activeOutputs: 10)
    #expect(abs(WillshawMemory.falsePositiveRate(load: load, activeInputs: 10) * 990 - 1) < 0.01)
    // Near a load of one half, where a synapse carries most.
    #expect(abs(load - 0.5) < 0.01)
  }

  @Test func thresholdsAskForAnyOrAll() throws {
    var memory = WillshawMemory(inputs: 4, outputs: 3)
    memory.store(try SDR([0, 1], of: 4), with: try SDR([0], of: 3))
    memory.store(try SDR([1, 2], of: 4), with: try SDR([1], of: 3))
    #expect(memory.recall(try SDR([0, 1], of: 4)).indices == [0])
    #expect(memory.recall(try SDR([0, 1], of: 4), threshold: 1).indices == [0, 1])
    #expect(memory.sums(try SDR([1, 2, 3], of: 4)) == [1, 2, 0])
    #expect(memory.recall(try SDR([], of: 4)).activeCount == 0)
  }
}

@Suite struct HopfieldMemoryTests {
  private func memory(_ size: Int, _ patterns: Int, seed: UInt64) -> (HopfieldMemory, [SDR], RandomGenerator)
  {
    var generator = RandomGenerator(seed: seed)
    var memory = HopfieldMemory(size: size)
    let stored = (0..<patterns).map { _ in
      let cells = (0..<size).filter { _ in generator.uniform() < 0.5 }
      return try! SDR(cells, of: size)
    }
    for pattern in stored { memory.store(pattern) }
    return (memory, stored, generator)
  }

  @Test(arguments: [100, 185, 300])
  func bitErrorsOfOneStepFollowTheory(_ patterns: Int) {
    // One network's rate strays by more than the bits alone would let it: the mean of six.
    let errors = (7..<13).reduce(0) { sum, seed in
      let (memory, stored, _) = memory(1000, patterns, seed: UInt64(seed))
      return stored.reduce(sum) { sum, pattern in
        let fields = memory.fields(at: pattern)
        return sum + (0..<1000).count { (fields[$0] > 0) != pattern.contains($0) }
      }
    }
    let rate = Double(errors) / Double(6 * 1000 * patterns)
    let theory = HopfieldMemory.errorRate(patterns: patterns, size: 1000)
    #expect(abs(rate - theory) < 0.1 * theory + 2e-4, "\(rate) for \(theory)")
  }

  @Test func patternsAreFixedPointsBelowTheCriticalLoadOnly() {
    for (load, isStable) in [(0.08, true), (0.22, false)] {
      var (memory, stored, generator) = memory(1000, Int(1000 * load), seed: 2)
      var overlap = 0.0
      for pattern in stored.prefix(10) {
        let recalled = memory.recall(pattern, using: &generator).pattern
        let equal = (0..<1000).count { recalled.contains($0) == pattern.contains($0) }
        overlap += Double(2 * equal - 1000) / 1000 / 10
      }
      #expect(isStable ? overlap > 0.97 : overlap < 0.6, "overlap \(overlap) at load \(load)")
    }
  }

  @Test func noiseAndMissingNeuronsAreFilledIn() throws {
    var (memory, stored, generator) = memory(500, 20, seed: 4)
    let known = try SDR(0..<200, of: 500)
    for pattern in stored {
      let noisy = pattern.withNoise(50, using: &generator)
      let recall = memory.recall(noisy, using: &generator)
      #expect(recall.pattern == pattern && recall.isStable)
      #expect(memory.recall(pattern, known: known, using: &generator).pattern == pattern)
    }
  }

  @Test func sparsePatternsNeedTheirActivityTakenOut() throws {
    var generator = RandomGenerator(seed: 9)
    let stored = (0..<60).map { _ in SDR.random(n: 500, a: 50, using: &generator) }
    var (right, wrong) = (HopfieldMemory(size: 500, activity: 0.1), HopfieldMemory(size: 500))
    for pattern in stored {
      right.store(pattern)
      wrong.store(pattern)
    }
    func recalled(_ memory: HopfieldMemory) -> Int {
      stored.count { memory.recall($0, using: &generator).pattern.overlap($0) >= 45 }
    }
    #expect(recalled(right) > 55 && recalled(wrong) < 5)
  }

  @Test func energyNeverRises() throws {
    var (memory, _, generator) = memory(120, 12, seed: 6)
    var state = SDR.random(n: 120, a: 60, using: &generator)
    var energy = memory.energy(of: state)
    for _ in 0..<600 {
      let neuron = generator.integer(below: 120)
      let fires = memory.fields(at: state)[neuron] > 0
      var cells = Set(state.indices.map(Int.init))
      if fires { cells.insert(neuron) } else { cells.remove(neuron) }
      state = try SDR(cells, of: 120)
      let next = memory.energy(of: state)
      #expect(next <= energy + 1e-4)
      energy = next
    }
  }
}
