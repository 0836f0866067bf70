import Alignment
import Foundation
import Statistics
import Support
import Tensors
import Testing

@Suite struct RegressionTests {
  let known = Reference.known

  @Test func sparseWeightsAreScikitLearns() throws {
    let regression = try SparseRegression(JointMoments(known.first, known.second).correlations())
    let penalties = known.lasso.keys.compactMap(Double.init)
    for fit in regression.path(penalties) {
      let expected = known.lasso["\(fit.penalty)"]!
      for (found, expected) in zip(fit.weights, expected) { #expect(largestError(found, expected) < 1e-7) }
    }
  }

  @Test func theEndsOfThePathAreNothingAndLeastSquares() throws {
    let (a, b) = populations(300, 5, 3)
    let correlations = try JointMoments(a, b).correlations()
    let regression = try SparseRegression(correlations)
    let fits = regression.path([1, 0])
    #expect(fits[0].meanInputs == 0 && fits[0].errors == [1, 1, 1])
    let exact = correlations.withinFirst.solve(correlations.between)
    #expect(largestError(fits[1].weights.flatMap { $0 }, exact.transposed().contiguous().doubles) < 1e-7)
    // All inputs, one after the other, are least squares too; one alone is the best correlation.
    let few = regression.errorsOfFew(5)
    for (target, errors) in few.enumerated() {
      #expect(abs(errors[4] - fits[1].errors[target]) < 1e-9 && errors == errors.sorted(by: >))
      let best = correlations.between.transposed()[target].abs().max().item
      #expect(abs(errors[0] - (1 - best * best)) < 1e-12)
    }
    #expect(throws: CajalError.self) {
      try SparseRegression(gram: correlations.between, products: correlations.between)
    }
  }

  @Test func heldOutPredictionAgreesWithScikitLearn() throws {
    // Two folds of given groups; the reference trains on samples 0 to 29.
    let groups = (0..<40).map { $0 < 30 ? 0 : 1 }
    var generator = RandomGenerator(seed: 1)
    let outcome = try LinearPredictivity(folds: 2).run(
      known.first, known.second, groups: groups, using: &generator)
    let fold = outcome.penalties.firstIndex { largestError($0, known.ridge.alphas) < 1e-9 }
    #expect(fold != nil, "\(outcome.penalties) against \(known.ridge.alphas)")
  }

  @Test func predictionFindsWhatIsThereAndNothingElse() throws {
    let (a, b) = populations(200, 8, 4, noise: 0.3)
    let (other, _) = populations(200, 8, 4, seed: 77)
    var generator = RandomGenerator(seed: 2)
    let real = try LinearPredictivity().run(a, b, using: &generator)
    let none = try LinearPredictivity().run(other, b, using: &generator)
    #expect(real.correlations.allSatisfy { $0 > 0.6 } && real.explained.allSatisfy { $0 > 0.3 })
    #expect(none.correlations.allSatisfy { abs($0) < 0.25 })
    #expect(real.normalised(by: [1, 0.5, 0.05, 1])[2].isNaN)
    #expect(throws: CajalError.self) {
      try LinearPredictivity().run(a, b, groups: Array(repeating: 0, count: 200), using: &generator)
    }
  }

  @Test func ceilingsOfPlantedNoiseAreRecovered() throws {
    var generator = RandomGenerator(seed: 9)
    let signal = Tensor.normal([2_000, 3], .float64, using: &generator)
    let noise = Tensor.normal([6, 2_000, 3], .float64, using: &generator)
    let deviations = Tensor([0.5, 1, 2], as: .float64)
    let ceiling = try NoiseCeiling(signal + noise * deviations, splits: 20, using: &generator)
    for (found, deviation) in zip(ceiling.reliabilities, [0.5, 1, 2]) {
      #expect(abs(found - 1 / (1 + deviation * deviation / 6)) < 0.03)
    }
    #expect(abs(NoiseCeiling.raised(0.5, 2) - 2 / 3) < 1e-12)
    #expect(throws: CajalError.self) { try NoiseCeiling(signal, using: &generator) }
  }
}
