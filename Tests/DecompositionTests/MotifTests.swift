import Decomposition
import Foundation
import Recordings
import Statistics
import Support
import Tensors
import Testing

@Suite struct MotifTests {
  private let pairs = NeuronPairs(neurons: 20)

  /// Affinities of noise, with six neurons that go together.
  private func affinities(_ generator: inout RandomGenerator, strength: Double = 6) -> [Double] {
    pairs.all.map { pair in (pair.1 < 6 ? strength : 1) * (0.5 + generator.uniform()) }
  }

  @Test func aMotifsNeuronsAreACommunity() throws {
    var generator = RandomGenerator(seed: 1)
    let found = try MotifCommunities(affinities(&generator), pairs, using: &generator)
    #expect(found.hasStructure && found.attempts.map(\.threshold) == [0.02, 0.05, 0.1, 0.2])
    #expect(PartitionComparison(found.labels, (0..<20).map { $0 < 6 ? 1 : 0 }).adjustedRandIndex > 0.9)
    let none = try MotifCommunities(affinities(&generator, strength: 1), pairs, using: &generator)
    #expect(!none.hasStructure && Set(none.labels).count == 1)
    #expect(throws: CajalError.self) {
      try MotifCommunities([Double](repeating: 0, count: pairs.count), pairs, using: &generator)
    }
  }

  @Test func aReportNamesPeaksAnimalsAndHubs() throws {
    let times = (0..<20).map { Double($0) + 0.5 }
    let course = times.map { time in time > 5 && time < 8 ? 1 : time > 14 && time < 16 ? 0.7 : 0.1 }
    let values = pairs.all.map { pair in pair.0 == 3 ? 2.0 : pair.1 < 6 ? 1 : 0 }
    let factors = CPFactors(columns: [[course], [[1, 1, 1, 0]], [values]])
    let report = MotifReport(
      factors, component: 0, times: times, pairs: pairs,
      windows: [.init("stimulus", 5...8), .init("control", 10...12), .init("never", 100...101)], count: 3)
    #expect(report.peaks == [5.5, 14.5])
    #expect(report.overlap[0] > 0.6 && report.overlap[1] < 0 && report.overlap[2].isNaN)
    #expect(report.animals == [1, 1, 1, 0] && abs(report.participation - 3) < 1e-9)
    #expect(report.neurons[0].neuron == 3 && report.pairs.count == 3 && report.pairs[0].a == 3)
    let strengths = MotifReport.strengths(values, pairs)
    let (ends, whole) = (strengths.reduce(0, +), values.reduce(0, +))
    #expect(abs(ends - 2 * whole) < 1e-9)
    let hubs = MotifReport.hubs(values, pairs, labels: (0..<20).map { $0 < 6 ? 0 : 1 })
    #expect(hubs[0] == 5 && hubs[10] == 0 && hubs[3] < strengths[3])
  }

  @Test func correlationsAreThoseOfPearson() throws {
    var generator = RandomGenerator(seed: 2)
    let trace = { (_: Int) in (0..<40).map { _ in generator.normal() } }
    let (a, b, c) = (trace(0), trace(1), trace(2))
    let mean = try PairCorrelation.mean([[a, b, nil], [a, c, nil]])
    let expected = (Correlation.pearson(a, b).coefficient + Correlation.pearson(a, c).coefficient) / 2
    #expect(abs(mean[0] - expected) < 1e-12 && mean[1].isNaN)
    let sliding = try PairCorrelation.sliding([[a, b, nil]], samplingRate: 2, window: 6, bin: 2)
    #expect(sliding.shape == [10, 1, 3])
    let middle = Correlation.pearson(Array(a[16..<28]), Array(b[16..<28])).coefficient
    #expect(abs(sliding.slab(5)[0] - max(0, middle)) < 1e-12 && sliding.slab(5)[1] == 0)
    #expect(throws: CajalError.self) { try PairCorrelation.mean([[a, b], [a]]) }
    #expect(throws: CajalError.self) { try PairCorrelation.mean([[a, Array(b.prefix(5))]]) }
    #expect(throws: CajalError.self) {
      try PairCorrelation.sliding(
        [[a, b], [Array(a.prefix(9)), Array(b.prefix(9))]], samplingRate: 2, window: 6, bin: 2)
    }
  }

  @Test func pairsThatNoAnimalHasWeighNothing() throws {
    var generator = RandomGenerator(seed: 3)
    let traces = (0..<4).map { _ in (0..<60).map { _ in generator.normal() } }
    let affinity = DifferentialAffinity(samplingRate: 4)
    let changes = [
      try affinity.changes([traces[0], traces[1], nil, nil]),
      try affinity.changes([nil, traces[1], traces[2], traces[3]]),
    ]
    let tensor = try AffinityTensor(changes, bin: 1)
    #expect(tensor.isSeen == [true, false, false, true, true, true])
    let fit = NonNegativeCP(rank: 2, restarts: 2).fit(tensor.tensor, using: &generator)
    let factors = tensor.withoutUnseenPairs(fit.best.factors)
    for component in 0..<2 {
      let column = factors.column(axis: 2, component: component)
      #expect(column[1] == 0 && column[2] == 0 && column[5] > 0)
    }
    let mean = tensor.meanOverAnimals
    #expect(mean.count == 15 && mean[3][1] == 0 && abs(mean[3][0] - tensor.tensor.slab(3)[0]) < 1e-12)
  }

  @Test func animalsShareTheirNamedNeurons() throws {
    func recording(_ name: String, _ names: [String], start: Double) throws -> Recording {
      let values = (0..<20).flatMap { time in names.indices.map { Double(time) + 100 * Double($0) } }
      return try Recording(
        name: name, activity: Tensor(values, shape: [20, names.count]), neurons: NeuronTable(names: names),
        time: TimeAxis(start: start, rate: 2, count: 20))
    }
    let recordings = [
      try recording("a", ["AVAL", "RIML", "17", "AIA?"], start: 0),
      try recording("b", ["RIML", "AVAL", "SMDV"], start: 5),
    ]
    let both = try NamedPopulation(recordings, step: 0.5, leastAnimals: 2)
    #expect(both.names == ["AVAL", "RIML"] && both.animals == ["a", "b"] && both.samplingRate == 2)
    #expect(both.traces[1][0]?[3] == 103 && both.traces[0][0]?[3] == 3)
    #expect(both.samples(of: [[2], [7]]) == [[4], [4]])
    let all = try NamedPopulation(recordings, step: 0.5)
    #expect(all.names == ["AVAL", "RIML", "SMDV"] && all.traces[0][2] == nil)
    #expect(throws: CajalError.self) { try NamedPopulation(recordings, step: 0.5, leastAnimals: 3) }
    let unnamed = try Recording(
      activity: Tensor([1.0, 2, 3, 4], shape: [2, 2]), time: TimeAxis(rate: 1, count: 2))
    #expect(throws: CajalError.self) { try NamedPopulation([unnamed], step: 1) }
  }
}
