import Circuits
import Datasets
import Foundation
import Support
import Testing

@Suite struct OrientationTests {
  @Test func differencesAreWrapped() {
    for (given, expected) in [
      (0.0, 0.0), (89, 89), (90, -90), (-90, -90), (170, -10), (-170, 10), (360, 0), (-275, 85),
    ] {
      #expect(abs(Orientation.wrapped(given) - expected) < 1e-12)
    }
  }

  @Test func peaksAreFoundBetweenStimuli() {
    let orientations = Orientation.even(24)
    for angle in [0.0, 1.3, 44.9, 90, 178.6] {
      let curve = orientations.map { Orientation.vonMises($0 - angle, concentration: 2) }
      #expect(abs(Orientation.wrapped(Orientation.peak(curve) - angle)) < 0.2)
      #expect(abs(Orientation.wrapped(Orientation.vectorAngle(curve, at: orientations) - angle)) < 1e-9)
    }
    #expect(Orientation.peak([1, 1, 1]) >= 0)
  }

  @Test func driveIsAtItsHeightWhereItShould() {
    let drive = OrientationTuning(concentration: 2, baseline: 0.1, amplitude: 3).drive(
      preferred: [0, 45], stimuli: [0, 90, 135])
    #expect(abs(drive[0, 0] - 3.3) < 1e-12 && abs(drive[0, 1] - 3 * (0.1 + exp(-4))) < 1e-12)
    #expect(abs(drive[1, 2] - drive[0, 1]) < 1e-12)
  }

  @Test func ensemblesAreDistributions() throws {
    let biased = try OrientationEnsemble(10, adapter: 3, probability: 0.4)
    #expect(abs(biased.probabilities.reduce(0, +) - 1) < 1e-12 && biased.orientations[3] == 54)
    var generator = RandomGenerator(seed: 9)
    let drawn = biased.sequence(20_000, using: &generator)
    for s in 0..<10 {
      let share = Double(drawn.count { $0 == s }) / 20_000
      #expect(abs(share - biased.probabilities[s]) < 0.015)
    }
    let same = OrientationEnsemble(uniform: 10)
    #expect(
      try OrientationEnsemble(10, adapter: 3, probability: 0.1).probabilities.map { abs($0 - 0.1) }.max()!
        < 1e-12)
    #expect(same.count == 10)
    #expect(throws: CajalError.self) { try OrientationEnsemble(10, adapter: 10, probability: 0.4) }
    #expect(throws: CajalError.self) { try OrientationEnsemble(10, adapter: 1, probability: 1.4) }
    #expect(throws: CajalError.self) { try OrientationEnsemble(orientations: [0, 90], weights: [1, -1]) }
    #expect(throws: CajalError.self) { try OrientationEnsemble(orientations: [0, 90], weights: [1]) }
  }

  /// Sine gratings of a known orientation fill their own bin.
  @Test func gratingsHaveTheirOrientation() throws {
    for angle in [0.0, 30, 90, 135] {
      var histogram = OrientationHistogram(bins: 12)
      // Lines at `angle`, counter-clockwise from horizontal, in an image whose rows go down.
      let (dx, dy) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
      let values = (0..<64 * 64).map { place -> Double in
        sin(0.4 * (Double(place % 64) * dx + Double(place / 64) * dy))
      }
      histogram.add(GreyImage(height: 64, width: 64, values: values))
      let best = histogram.weights.indices.max { histogram.weights[$0] < histogram.weights[$1] }!
      #expect(best == Int(angle / 15) && histogram.weights[best] > 0.9)
      let ensemble = try histogram.ensemble(24)
      #expect(abs(ensemble.probabilities.reduce(0, +) - 1) < 1e-12)
      #expect(ensemble.probabilities[2 * best] == ensemble.probabilities.max()!)
    }
    var flat = OrientationHistogram(bins: 12)
    flat.add(GreyImage(height: 8, width: 8, values: Array(repeating: 0.3, count: 64)))
    #expect(flat.weights.allSatisfy { $0 == 0 })
    #expect(throws: CajalError.self) { try flat.ensemble(12) }
  }

  @Test func blurKeepsTheMeanAndSpreadsAPoint() {
    var point = [Double](repeating: 0, count: 25 * 25)
    point[12 * 25 + 12] = 1
    let image = GreyImage(height: 25, width: 25, values: point).blurred(1.5)
    #expect(abs(image.values.reduce(0, +) - 1) < 1e-9)
    var spread = 0.0
    for (place, value) in image.values.enumerated() {
      let along = Double(place % 25 - 12)
      spread += value * along * along
    }
    // Cut behind three deviations it is a little narrower.
    #expect(abs(spread.squareRoot() - 1.5) < 0.05 && image.values.max() == image.values[12 * 25 + 12])
    let flat = GreyImage(height: 3, width: 9, values: Array(repeating: 0.7, count: 27)).blurred(2)
    #expect(flat.values.allSatisfy { abs($0 - 0.7) < 1e-12 })
  }

  /// A picture without a direction has none in its histogram: discs.
  @Test func discsHaveNoDirection() {
    var histogram = OrientationHistogram(bins: 24)
    var generator = RandomGenerator(seed: 2)
    for _ in 0..<3 { histogram.add(.deadLeaves(128, radii: 8...40, using: &generator)) }
    #expect(abs(histogram.cardinalExcess() - 1) < 0.25)
  }
}
