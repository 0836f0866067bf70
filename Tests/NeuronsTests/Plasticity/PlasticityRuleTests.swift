import Foundation
import Neurons
import Testing

@Suite struct PlasticityRuleTests {
  private let rules: [any PlasticityRule] = [
    PairSTDP.songMillerAbbott(), PairSTDP.guetig(exponent: 0.3), PairSTDP.guetig(exponent: 1),
    PairSTDP(potentiation: 0.4, depression: 0.5, pairing: .nearest, coincidentSpikes: .depress),
    PairSTDP(potentiation: -0.3, depression: -0.3), TripletSTDP.visualCortex(unit: 40, bounds: 0...1),
    TripletSTDP.diehlCook(), InhibitorySTDP(learningRate: 0.3, targetRate: 20, bounds: 0...1),
    PresynapticTraceRule(learningRate: 0.3, target: 0.5, exponent: 0.2),
  ]

  @Test func weightsStayWithinTheirBounds() {
    let (pre, post) = (poissonTrain(80, steps: 2000, seed: 5), poissonTrain(80, steps: 2000, seed: 6))
    for rule in rules {
      let timeline = SynapseTimeline(weight: 0.5, rule: rule, presynaptic: pre, postsynaptic: post)
      #expect(timeline.events.allSatisfy { (0...1).contains($0.weight) }, "\(rule)")
      #expect(timeline.weight != 0.5, "\(rule)")
    }
  }

  /// Single precision follows double precision.
  @Test func precisionsAgree() {
    for rule in rules {
      for weight in [0, 0.013, 0.4, 0.87, 1] {
        let (x, y) = (TraceValues<Double>(0.7, 1.9), TraceValues<Double>(0.3, 0.6))
        let (u, v) = (TraceValues<Float>(0.7, 1.9), TraceValues<Float>(0.3, 0.6))
        let double = [
          rule.afterPostsynapticSpike(weight, presynaptic: x, postsynaptic: y),
          rule.afterPresynapticSpike(weight, presynaptic: x, postsynaptic: y),
        ]
        let single = [
          rule.afterPostsynapticSpike(Float(weight), presynaptic: u, postsynaptic: v),
          rule.afterPresynapticSpike(Float(weight), presynaptic: u, postsynaptic: v),
        ]
        for (a, b) in zip(double, single) { #expect(abs(a - Double(b)) < 2e-7) }
      }
    }
  }

  /// Gütig's f₊ = (1 - w)^μ and f₋ = w^μ, on bounds that are not 0 and 1.
  @Test(arguments: [0, 0.02, 0.5, 1, 2]) func weightDependenceIsItsFormula(_ exponent: Double) {
    let rule = PairSTDP(
      potentiation: 0.1, depression: 0.2, weightDependence: .power(exponent), bounds: -1...3)
    for weight in [-0.9, 0, 1.5, 2.9] {
      let (place, trace) = ((weight + 1) / 4, TraceValues<Double>(0.5))
      let up = rule.afterPostsynapticSpike(weight, presynaptic: trace, postsynaptic: TraceValues(0))
      let down = rule.afterPresynapticSpike(weight, presynaptic: TraceValues(0), postsynaptic: trace)
      #expect(abs(up - min(3, weight + 0.05 * pow(1 - place, exponent))) < 1e-12)
      #expect(abs(down - max(-1, weight - 0.1 * pow(place, exponent))) < 1e-12)
    }
  }

  /// Beyond a bound, where a user may have put it, a weight comes back and is no "not a number".
  @Test func weightsOutsideTheBoundsComeBack() {
    let rule = PairSTDP.guetig(exponent: 0.3)
    let (none, one) = (TraceValues<Double>(0), TraceValues<Double>(1))
    #expect(rule.afterPostsynapticSpike(1.4, presynaptic: one, postsynaptic: none) == 1)
    #expect(rule.afterPresynapticSpike(-0.4, presynaptic: none, postsynaptic: one) == 0)
  }

  /// Where f₊ and f₋ balance, the mean drift of uncorrelated spikes is zero: w* = 1 / (1 + α^(1/μ)).
  @Test func guetigHasItsFixedPoint() {
    let (exponent, alpha) = (0.5, 1.05)
    let rule = PairSTDP.guetig(exponent: exponent, asymmetry: alpha)
    let fixed = 1 / (1 + pow(alpha, 1 / exponent))
    let one = TraceValues<Double>(1)
    let up = rule.afterPostsynapticSpike(fixed, presynaptic: one, postsynaptic: one) - fixed
    let down = rule.afterPresynapticSpike(fixed, presynaptic: one, postsynaptic: one) - fixed
    #expect(up > 1e-4 && abs(up + down) < 1e-15)
  }

  /// A triplet rule without triplet terms is the pair rule.
  @Test func tripletsHoldPairs() {
    let (pre, post) = (poissonTrain(60, steps: 800, seed: 7), poissonTrain(60, steps: 800, seed: 8))
    for pairing in [PlasticityTrace.Pairing.all, .nearest] {
      let pair = PairSTDP(
        potentiation: 0.02, depression: 0.03, potentiationTimeConstant: 16.8, depressionTimeConstant: 33.7,
        weightDependence: .power(0.4), pairing: pairing)
      let triplet = TripletSTDP(
        potentiation: .init(pair: 0.02, triplet: 0), depression: .init(pair: 0.03, triplet: 0),
        slowPresynapticTimeConstant: 100, slowPostsynapticTimeConstant: 100, weightDependence: .power(0.4),
        bounds: 0...1, pairing: pairing)
      let rules: [any PlasticityRule] = [pair, triplet]
      let courses = rules.map { rule in
        SynapseTimeline(weight: 0.5, rule: rule, presynaptic: pre, postsynaptic: post)
      }
      #expect(courses[0] == courses[1])
    }
  }

  /// Uncorrelated spikes at rates r and s move an inhibitory synapse by η r (2 τ s - α), which is zero at the target.
  @Test func inhibitionRestsAtItsTarget() {
    let rule = InhibitorySTDP(learningRate: 1e-3, targetRate: 10, bounds: 0...100)
    #expect(abs(rule.offset - 0.4) < 1e-15)
    for (rate, sign) in [(3.0, -1.0), (30, 1)] {
      let (pre, post) = (
        poissonTrain(20, steps: 100_000, seed: 9), poissonTrain(rate, steps: 100_000, seed: 10)
      )
      let drift =
        SynapseTimeline(weight: 50, rule: rule, presynaptic: pre, postsynaptic: post).weight - 50
      let expected = 1e-3 * Double(pre.count) * (2 * 0.02 * Double(post.count) / 100 - 0.4)
      #expect(drift * sign > 0 && abs(drift - expected) < 0.1 * abs(expected), "\(drift) \(expected)")
    }
  }

  @Test func inputsGainBeforeASpikeAndLoseOtherwise() {
    let rule = PresynapticTraceRule(learningRate: 0.1, target: 0.3, exponent: 0.2)
    let early = SynapseTimeline(weight: 0.5, rule: rule, presynaptic: [95], postsynaptic: [100])
    let gain = 0.1 * (exp(-5.0 / 20) - 0.3) * pow(0.5, 0.2)
    #expect(abs(early.weight - 0.5 - gain) < 1e-12)
    // A presynaptic spike after it does nothing.
    let late = SynapseTimeline(weight: 0.5, rule: rule, presynaptic: [105], postsynaptic: [100])
    #expect(abs(late.weight - 0.5 + 0.03 * pow(0.5, 0.2)) < 1e-12 && late.transmitted == [late.weight])
  }
}
