import Foundation
import Probing
import Statistics
import Support
import Tensors
import Testing

@Suite struct PermutationTestTests {
  private let samples: Tensor
  private let member: [Bool]
  private let reference: Reference.Selectivity.Permutations

  init() throws {
    reference = try Reference.selectivity.get().permutations
    samples = Tensor(reference.activity.flatMap { $0 }, shape: [8, 2])
    member = reference.member.map { $0 == 1 }
  }

  /// Within five standard errors of the exact value.
  private func near(_ p: Double, _ exact: Double, _ permutations: Int) -> Bool {
    abs(p - exact) < 5 * (exact * (1 - exact) / Double(permutations)).squareRoot() + 1 / Double(permutations)
  }

  @Test func approachesTheExactPValues() {
    let permutations = 20_000
    var generator = RandomGenerator(seed: 5)
    for (tail, exact) in [
      (PermutationTest.Tail.twoSided, reference.exact.twoSided), (.greater, reference.exact.greater),
      (.less, reference.exact.less),
    ] {
      let outcome = PermutationTest(permutations: permutations, tail: tail)
        .run(samples, isMember: member, using: &generator)
      for n in 0..<2 {
        #expect(near(outcome.pValues[n], exact[n], permutations), "\(tail), neuron \(n): \(outcome.pValues)")
        #expect(agree(outcome.statistics[n], reference.statistic[n], 1e-5))
        if tail == .twoSided {
          #expect(near(outcome.familyPValues[n], reference.exact.family[n], permutations))
        }
      }
    }
    // Of two labels, eta² is the square of the correlation and the test the two-sided one.
    let labels = PermutationTest(permutations: permutations)
      .run(samples, label: reference.member, labels: 2, using: &generator)
    for n in 0..<2 {
      #expect(agree(labels.statistics[n], reference.statistic[n] * reference.statistic[n], 1e-4))
      #expect(near(labels.pValues[n], reference.exact.twoSided[n], permutations))
    }
  }

  @Test func signsOfPairedDifferencesAreExact() {
    // All of one sign: one of the 64 patterns of signs is as extreme, two on both sides.
    let differences = Tensor([0.5, 1, 0.2, 2, 0.7, 0.1], shape: [6, 1], as: .float32)
    var generator = RandomGenerator(seed: 2)
    let upper = PermutationTest(permutations: 20_000, tail: .greater).run(
      differences: differences, using: &generator)
    #expect(near(upper.pValues[0], 1 / 64, 20_000))
    let both = PermutationTest(permutations: 20_000).run(differences: differences, using: &generator)
    #expect(near(both.pValues[0], 2 / 64, 20_000))
  }

  @Test func falseAlarmsAreAsRareAsPromised() {
    var generator = RandomGenerator(seed: 11)
    let label = (0..<60).map { $0 % 3 }
    var alarms = 0
    var share = 0.0
    for _ in 0..<20 {
      let noise = Tensor.normal([60, 400], using: &generator)
      let outcome = PermutationTest(permutations: 199).run(noise, label: label, labels: 3, using: &generator)
      alarms += outcome.familyPValues.min()! <= 0.05 ? 1 : 0
      share += Double(outcome.pValues.filter { $0 <= 0.05 }.count) / 8_000
    }
    #expect(abs(share - 0.05) < 0.01, "\(share)")
    #expect(alarms <= 5, "\(alarms) of 20 families with a false alarm at 5 %")
  }

  @Test func aRealDifferenceIsFoundAmongNoise() {
    var generator = RandomGenerator(seed: 12)
    let isMember = (0..<40).map { $0 < 20 }
    let noise = Tensor.normal([40, 300], using: &generator)
    let signal = Tensor(isMember.map { $0 ? 2.0 : 0 }, as: .float32)
    noise[.all, 7] = noise[.all, 7] + signal
    noise[.all, 9] = Tensor.full([40], 3.3)
    let outcome = PermutationTest(permutations: 500).run(noise, isMember: isMember, using: &generator)
    #expect(outcome.familyPValues[7] < 0.01)
    #expect(outcome.familyPValues.enumerated().filter { $1 < 0.05 }.map(\.offset) == [7])
    #expect(outcome.statistics[9] == 0 && outcome.pValues[9] == 1, "a constant neuron tells nothing")
  }

  @Test func strataAreKept() {
    // The group goes with the subject; within subjects there is no difference to exchange.
    let strata = [0, 0, 0, 0, 1, 1, 1, 1]
    var generator = RandomGenerator(seed: 1)
    let outcome = PermutationTest(permutations: 200, strata: strata)
      .run(samples, isMember: strata.map { $0 == 1 }, using: &generator)
    #expect(outcome.pValues == [1, 1])
  }

  @Test func sameSeedSameOutcomeWhateverTheThreads() {
    func outcome(_ threads: Int) -> PermutationTest.Outcome {
      let before = Threads.count
      Threads.count = threads
      defer { Threads.count = before }
      var generator = RandomGenerator(seed: 4)
      let values = (0..<50).map { _ in generator.normal() }
      let activity = Tensor.normal([50, 123], using: &generator)
      return PermutationTest(permutations: 150).run(activity, values: values, using: &generator)
    }
    let one = outcome(1)
    #expect(outcome(3) == one)
    #expect(one.maxima.count == 150 && one.maxima == one.maxima.sorted())
  }

  @Test func aWholeModelIsTestedInSeconds() {
    var generator = RandomGenerator(seed: 6)
    let activity = Tensor.normal([200, 46_080], using: &generator)
    let isMember = (0..<200).map { $0 % 2 == 0 }
    let start = Date()
    let outcome = PermutationTest(permutations: 1_000).run(activity, isMember: isMember, using: &generator)
    let seconds = Date().timeIntervalSince(start)
    print("46,080 neurons, 200 samples, 1,000 permutations: \(seconds) s")
    #expect(outcome.pValues.count == 46_080 && seconds < 60)
  }
}
