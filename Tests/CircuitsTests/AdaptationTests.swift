import Circuits
import Foundation
import Support
import TestSupport
import Testing

@Suite struct AdaptationTests {
  /// A population whose neuron 1 halves its gain and whose stimulus 2 loses a third.
  private func report() throws -> AdaptationReport {
    let before = try ResponseMatrix(rows: [[1, 2, 3], [4, 2, 1], [2, 2, 6]])
    let factors = ([1.0, 0.5, 1], [1.0, 1, 2.0 / 3])
    let after = ResponseMatrix(neurons: 3, stimuli: 3) { before[$0, $1] * factors.0[$0] * factors.1[$1] }
    return try AdaptationReport(
      before: before, after: after, reference: [0.25, 0.25, 0.5], context: [0.5, 0.25, 0.25])
  }

  @Test func measuresAreThoseOfTheirDefinitions() throws {
    let report = try report()
    let means = report.relativeMeans
    #expect(
      abs(means.before[0] - 1.75 / 2.25) < 1e-12 && abs(means.after[1] - (1 + 0.25 + 0.25 / 3) / 2) < 1e-12)
    #expect(report.extremeRatios.maximum[1] == 0.5 && abs(report.extremeRatios.minimum[0] - 1) < 1e-12)
    let factors = report.factors
    #expect(abs(factors.explained - 1) < 1e-12)
    #expect(abs(factors.neurons[1] / factors.neurons[0] - 0.5) < 1e-12)
    #expect(abs(factors.stimuli[2] / factors.stimuli[0] - 2.0 / 3) < 1e-12)
    #expect(abs(factors.neurons[1] * factors.stimuli[2] - 1.0 / 3) < 1e-12)
    // Correlation of neurons 0 and 1 under the context, by hand.
    let correlations = report.correlations
    let expected = (0.5 * 4 + 0.25 * 4 + 0.25 * 3 - 1.75 * 2.75) / (0.6875 * 1.6875).squareRoot()
    #expect(abs(correlations.before[1] - expected) < 1e-12)
    #expect(correlations.covarianceAfter < correlations.covarianceBefore)
    #expect(throws: CajalError.self) {
      try AdaptationReport(before: report.before, after: report.after, reference: [1], context: [1])
    }
  }

  @Test func nothingAdaptedMeansNothingChanged() throws {
    let same = try report().before
    let report = try AdaptationReport(
      before: same, after: same, reference: [0.2, 0.3, 0.5], context: [0.5, 0.3, 0.2])
    #expect(report.equalisation == 0 && report.factors.explained == 1)
    #expect(report.correlations.covarianceAfter == report.correlations.covarianceBefore)
    let shifts = try TuningShifts(report, preferred: [0, 60, 120], adapter: 60)
    #expect(shifts.shifts == [0, 0, 0] && shifts.largestAttraction == 0 && shifts.repulsion[1].isNaN)
  }

  @Test func movedCurvesAreRepelled() throws {
    let (orientations, preferred) = (Orientation.even(36), [50.0, 70, 90, 110, 130, 0])
    let moves = [-2.0, -1, 0, 1.5, 0.5, 0]
    func curves(_ at: [Double]) -> ResponseMatrix {
      OrientationTuning(concentration: 1).drive(preferred: at, stimuli: orientations)
    }
    let p = [Double](repeating: 1.0 / 36, count: 36)
    let report = try AdaptationReport(
      before: curves(preferred), after: curves(zip(preferred, moves).map(+)), reference: p, context: p)
    let shifts = try TuningShifts(report, preferred: preferred, adapter: 90)
    for (found, expected) in zip(shifts.repulsion, [2, 1, Double.nan, 1.5, 0.5, .nan]) {
      #expect(found.isNaN == expected.isNaN && (expected.isNaN || abs(found - expected) < 0.15))
    }
    #expect(shifts.repulsion(within: 10...30).count == 2 && shifts.largestAttraction == 0)
  }

  @Test func adaptationOnlineEndsNearTheOptimum() throws {
    let circuit = SmallCircuit()
    let objective = try circuit.objective()
    let usual = try objective.adapt(to: circuit.uniform.probabilities).gains
    let adapted = try objective.adapt(to: circuit.biased.probabilities).gains
    var generator = RandomGenerator(seed: 5)
    let stimuli = circuit.biased.sequence(800, using: &generator)
    let trace = try OnlineGainRule(rate: 0.01).run(objective, stimuli: stimuli, from: usual)
    let mean = trace.mean(600..<800)
    #expect(zip(mean, adapted).allSatisfy { abs($0 - $1) < 0.1 })
    #expect(trace.states.allSatisfy { $0.allSatisfy { $0 >= 0 } })
    let half = trace.halfTime(from: usual[8], to: adapted[8]) { $0[8] }
    #expect(half != nil && half! < 300)
    // Settling by Euler's method for long comes to the same gains.
    let few = Array(stimuli.prefix(3))
    let solved = try OnlineGainRule().run(objective, stimuli: few, from: usual).states[2]
    let relaxed = try OnlineGainRule(settling: .relaxed(step: 0.1, steps: 600)).run(
      objective, stimuli: few, from: usual
    ).states[2]
    for (a, b) in zip(solved, relaxed) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func fitsFindTheModelThatMadeTheData() throws {
    let (preferred, ensemble) = (Orientation.even(8), OrientationEnsemble(uniform: 8))
    let context = try OrientationEnsemble(8, adapter: 4, probability: 0.35)
    let truth = TuningFit.Parameters(
      tuning: OrientationTuning(concentration: 1.5, baseline: 0.2, amplitude: 20),
      weights: OrientationWeights(concentration: 2, strength: 0.8), activityPrice: 0.6, homeostasis: 0.5)
    var generator = RandomGenerator(seed: 6)
    let data = try MeasuredTuning.simulated(
      truth, preferred: preferred, stimuli: ensemble.orientations, reference: ensemble.probabilities,
      context: context.probabilities, noise: 0, using: &generator)
    let fit = try TuningFit(
      data, reference: ensemble.probabilities, starts: 1, iterations: 25, using: &generator)
    #expect(fit.error < 1e-4 && fit.changeExplained > 0.95)
    #expect(TuningFit.changeExplained(of: data, by: data.before, data.after) == 1)
  }

  @Test func measuredTuningGoesThroughItsFile() throws {
    let scratch = Scratch()
    let url = scratch.url.appendingPathComponent("tuning.csv")
    let data = try MeasuredTuning(
      preferred: [0, 90], stimuli: [0, 60, 120], before: ResponseMatrix(rows: [[3, 2, 1], [1, 2, 3]]),
      after: ResponseMatrix(rows: [[2, 2, 1], [1, 2, 2.5]]), context: [0.5, 0.25, 0.25])
    try data.csv.write(to: url, atomically: true, encoding: .utf8)
    let read = try MeasuredTuning(csv: url)
    #expect(read.before == data.before && read.after == data.after && read.context == data.context)
    func problem(_ text: String) -> String {
      try! text.write(to: url, atomically: true, encoding: .utf8)
      do { _ = try MeasuredTuning(csv: url) } catch { return "\(error)" }
      return ""
    }
    let lines = data.csv.split(separator: "\n").map(String.init)
    #expect(
      problem(lines.dropLast().joined(separator: "\n")).contains(
        "no response after adaptation of neurons that prefer 90.0° to 120.0°"))
    #expect(problem(data.csv.replacing("context", with: "state")).contains("no column 'context'"))
    #expect(problem(data.csv.replacing("before", with: "during")).contains("line 2: context 'during'"))
    #expect(problem(data.csv.replacing("2.5", with: "fast")).contains("'fast' is no number"))
    // Repeats are averaged, angles beyond 180 wrapped.
    let repeated = data.csv + "270,300,post,4.5,0.25\n"
    try repeated.write(to: url, atomically: true, encoding: .utf8)
    #expect(try MeasuredTuning(csv: url).after[1, 2] == 3.5)
  }
}
