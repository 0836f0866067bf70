import Foundation
import Probing
import Recordings
import Support
import Tensors
import Testing

@Suite struct EncodingTests {
  @Test func curvesAreMeansByBin() throws {
    let recording = try Recording(
      activity: Tensor([1.0, 3, 5, 7, 0, 0], shape: [6, 1]),
      samples: SampleTable([("speed", .numbers([0, 0.4, 1, 1.5, 2, .nan]))]))
    let curve = try TuningCurve(recording, by: "speed", edges: [0, 1, 2])
    #expect(curve.counts == [2, 3] && curve.means == [[2], [4]])
    #expect(throws: CajalError.self) { try TuningCurve(recording, by: "place") }
  }

  /// A neuron that fires in one of four equal places only says two bits a spike.
  @Test func placesAreTwoBits() throws {
    let places = (0..<400).map { Double($0 % 4) + 0.5 }
    let recording = try Recording(
      activity: Tensor(places.map { $0 < 1 ? 3.0 : 0 }, shape: [400, 1]),
      samples: SampleTable([("place", .numbers(places))]))
    let curve = try TuningCurve(recording, by: "place", edges: [0, 1, 2, 3, 4])
    #expect(abs(curve.information[0] - 2) < 1e-9)
  }

  /// One neuron drives another a bin later.
  @Test func couplingIsFound() throws {
    var generator = RandomGenerator(seed: 5)
    var (counts, last) = ([Double](), 0.0)
    for _ in 0..<20_000 {
      let first = generator.uniform() < 0.1 ? 1.0 : 0
      let second = generator.uniform() < (last > 0 ? 0.5 : 0.05) ? 1.0 : 0
      counts += [first, second]
      last = first
    }
    let recording = try Recording(
      activity: Tensor(counts, shape: [20_000, 2]), time: TimeAxis(rate: 100, count: 20_000), unit: "spikes")
    var settings = CouplingModel.Settings()
    (settings.history, settings.basis) = (0.05, 3)
    let model = try CouplingModel(recording, settings)
    let (forth, back) = (model.filter(from: 0, to: 1), model.filter(from: 1, to: 0))
    #expect(forth[0] > 1.5 && back.allSatisfy { abs($0) < 0.3 })
    #expect(model.iterations.allSatisfy { $0 < 20 })
    let information = try model.informationPerSpike(recording)
    settings.isCoupled = false
    let alone = try CouplingModel(recording, settings).informationPerSpike(recording)
    #expect(information[1] > alone[1] + 0.3 && abs(information[0]) < 0.05)
    settings.covariates = ["speed"]
    #expect(throws: CajalError.self) { try CouplingModel(recording, settings) }
  }
}
