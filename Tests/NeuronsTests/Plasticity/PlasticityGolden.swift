import Foundation
import Support

/// Weights that NEST and Brian2 computed; `Tests/Golden/make_plasticity.py` makes them.
struct PlasticityGolden: Decodable {
  struct Rule: Decodable {
    var potentiation, depression, potentiationExponent, depressionExponent, upper: Double?
    var potentiationTimeConstant, depressionTimeConstant: Double?
    var nearest: Bool?
    var utilisation, recovery, facilitation: Double?
  }
  struct Case: Decodable {
    let name, simulator: String
    let rule: Rule
    let presynaptic, postsynaptic: [Double]
    let delay, start: Double
    /// With each presynaptic spike (NEST).
    let transmitted: [Double]?
    /// After every step with a spike (Brian2).
    let times: [Double]?
    let weights: [Double]?
  }
  let cases: [Case]

  static func cases(_ prefix: String) throws -> [Case] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/plasticity.json")
    let golden = try JSONDecoder().decode(PlasticityGolden.self, from: Data(contentsOf: url))
    return golden.cases.filter { $0.name.hasPrefix(prefix) }
  }
}

/// Spikes drawn at random on a grid, ms.
func poissonTrain(_ rate: Double, steps: Int, step: Double = 1, seed: UInt64) -> [Double] {
  var generator = RandomGenerator(seed: seed)
  return (0..<steps).filter { _ in generator.uniform() < rate * step / 1000 }.map { Double($0) * step }
}
