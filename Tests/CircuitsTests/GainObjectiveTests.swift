import Circuits
import Foundation
import Support
import Testing

/// A small canonical network, shared by the tests.
struct SmallCircuit {
  let preferred = Orientation.even(16)
  let uniform = OrientationEnsemble(uniform: 12)
  let biased = try! OrientationEnsemble(12, adapter: 6, probability: 0.35)
  var variant = GainNetwork.Variant.recurrentDrive

  func objective(
    _ price: Double = 1, _ homeostasis: Double = 0.6, weights: OrientationWeights = OrientationWeights()
  )
    throws -> GainObjective
  {
    let network = try GainNetwork(
      weights: weights.matrix(preferred: preferred), neurons: 16, variant: variant)
    return try GainObjective(
      network, drive: OrientationTuning().drive(preferred: preferred, stimuli: uniform.orientations),
      activityPrice: price, homeostasis: homeostasis)
  }

  func gains(_ seed: UInt64) -> [Double] {
    var generator = RandomGenerator(seed: seed)
    return (0..<16).map { _ in 0.3 + 0.7 * generator.uniform() }
  }
}

@Suite struct GainObjectiveTests {
  @Test(arguments: GainNetwork.Variant.allCases) func gradientsAreThoseOfFiniteDifferences(
    _ variant: GainNetwork.Variant
  ) throws {
    let circuit = SmallCircuit(variant: variant)
    let objective = try circuit.objective()
    let (gains, context) = (circuit.gains(1), circuit.biased.probabilities)
    let gradient = try objective.gradient(gains, under: context)
    for i in gains.indices {
      let values = try [-1e-5, 1e-5].map { step in
        var moved = gains
        moved[i] += step
        return try objective.cost(moved, under: context).total
      }
      let difference = (values[1] - values[0]) / 2e-5
      #expect(abs(gradient[i] - difference) < 1e-6 * max(1, abs(difference)))
    }
  }

  @Test func theDecoderIsExactBeforeAdaptation() throws {
    for variant in GainNetwork.Variant.allCases {
      let circuit = SmallCircuit(variant: variant)
      let objective = try circuit.objective()
      let ones = [Double](repeating: 1, count: 16)
      #expect(try objective.cost(ones, under: circuit.biased.probabilities).error < 1e-20)
    }
    // At the steady state the error is that of W ((1 - g) r).
    let circuit = SmallCircuit()
    let objective = try circuit.objective()
    let (gains, n) = (circuit.gains(2), 16)
    let responses = try objective.network.responses(to: objective.drive, gains: gains)
    var expected = 0.0
    for s in 0..<12 {
      for i in 0..<n {
        let lost = (0..<n).reduce(0.0) {
          $0 + objective.network.weights[i * n + $1] * (1 - gains[$1]) * responses[$1, s]
        }
        expected += circuit.uniform.probabilities[s] * lost * lost
      }
    }
    let cost = try objective.cost(gains, under: circuit.uniform.probabilities)
    #expect(abs(cost.error - expected) < 1e-10)
    #expect(abs(cost.total - cost.error - cost.activity - 0.6 * cost.displacement) < 1e-10)
  }

  @Test func optimaAreStationaryAndSymmetric() throws {
    let circuit = SmallCircuit()
    let objective = try circuit.objective()
    let usual = try objective.adapt(to: OrientationEnsemble(uniform: 12).probabilities)
    // 16 neurons and 12 stimuli share only four turns: gains repeat every four neurons.
    for i in usual.gains.indices { #expect(abs(usual.gains[i] - usual.gains[(i + 4) % 16]) < 1e-6) }
    let adapted = try objective.adapt(to: circuit.biased.probabilities)
    #expect(adapted.search.projectedGradient < 1e-5)
    #expect(adapted.gains.indices.min { adapted.gains[$0] < adapted.gains[$1] } == 8)
    for k in 1..<8 { #expect(abs(adapted.gains[8 + k] - adapted.gains[8 - k]) < 1e-6) }
    var generator = RandomGenerator(seed: 3)
    for _ in 0..<20 {
      let other = adapted.gains.map { max(0, $0 + 0.05 * generator.normal()) }
      #expect(try objective.cost(other, under: circuit.biased.probabilities).total >= adapted.cost.total)
    }
    let bounded = try objective.adapt(to: circuit.biased.probabilities, bounds: 0.2...0.25)
    #expect(bounded.gains.allSatisfy { $0 >= 0.2 && $0 <= 0.25 } && bounded.gains[8] == 0.2)
  }

  @Test func theClosedFormIsTheLimitOfSmallPrices() throws {
    let circuit = SmallCircuit()
    var last = Double.infinity
    for price in [0.004, 0.001] {
      let objective = try circuit.objective(price, 0.05)
      let optimum = try objective.adapt(to: circuit.biased.probabilities).gains
      let closed = try objective.linearised(for: circuit.biased.probabilities)
      let error = zip(optimum, closed).map { abs($0 - $1) }.max()!
      // Of second order: a quarter of the price, a sixteenth of the error.
      #expect(error < 0.02 && error < last / 8)
      last = error
    }
  }

  @Test func withoutPriceNothingChanges() throws {
    let circuit = SmallCircuit()
    let objective = try circuit.objective(0, 0.6)
    #expect(try objective.adapt(to: circuit.biased.probabilities).gains.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func synapsesDescendOnTheirOwnGradient() throws {
    let circuit = SmallCircuit()
    let objective = try circuit.objective()
    let ones = [Double](repeating: 1, count: 16)
    let context = circuit.biased.probabilities
    let (weights, search) = try objective.adaptWeights(to: context, gains: ones)
    let start = try objective.cost(ones, under: context).total
    // Stationary within rounding: the gradient by weights is right.
    #expect(search.value < start && search.projectedGradient < 1e-4 && weights != objective.network.weights)
    let trace = try OnlineWeightRule(rate: 1e-3).run(
      objective, stimuli: Array(repeating: 6, count: 5), gains: ones, from: objective.network.weights)
    func cost(_ weights: [Double]) throws -> Double {
      let network = try GainNetwork(weights: weights, neurons: 16)
      return try GainObjective(network, drive: objective.drive, decoder: objective.decoder)
        .cost(ones, under: (0..<12).map { $0 == 6 ? 1 : 0 }).total
    }
    #expect(try cost(trace.states[4]) < cost(trace.states[0]))
    #expect(try cost(trace.states[0]) < cost(objective.network.weights))
  }

  @Test func wrongInputIsNamed() throws {
    let circuit = SmallCircuit()
    let objective = try circuit.objective()
    let context = circuit.biased.probabilities
    let ones = [Double](repeating: 1, count: 16)
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try objective.cost([1, 1], under: context) }.contains("gains"))
    #expect(message { _ = try objective.cost(ones, under: [0.5, 0.5]) }.contains("12 stimuli"))
    #expect(message { _ = try objective.cost(ones, under: Array(repeating: 1, count: 12)) }.contains("sum 1"))
    #expect(message { _ = try objective.cost(ones.map { 2 * $0 }, under: context) }.contains("steady state"))
    #expect(message { _ = try circuit.objective(-1) }.contains("activityPrice"))
    #expect(message { _ = try GainNetwork(weights: [1, 2], neurons: 2) }.contains("expected 4"))
    #expect(message { _ = try GainNetwork(weights: [.nan], neurons: 1) }.contains("finite"))
    var output = SmallCircuit()
    output.variant = .output
    #expect(message { _ = try output.objective().linearised(for: context) }.contains("recurrent drive"))
    #expect(
      message { _ = try OnlineGainRule().run(objective, stimuli: [12], from: ones) }.contains("stimulus 12"))
  }
}
