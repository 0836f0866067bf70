import Foundation

extension RecognitionTheory {
  /// The error rate of two competing neurons of `segments` segments each, every one storing a pattern of its
  /// class, when a stored pattern is presented: how often the rival's summed response exceeds that of
  /// the neuron that stores it. Ties are decided by a coin.
  ///
  /// The difference of the two sums has a law whose characteristic function is a product over segments; it is
  /// summed over a grid of responses, so no case is left out and none is simulated.
  ///
  /// - Parameters:
  ///   - response: what a segment with so many active synapses contributes, at most about 1.
  ///   - resolution: steps into which a response of 1 is divided.
  public static func competingNeuronsError(
    n: Int, a: Int, s: Int, segments: Int, resolution: Int = 1 << 14, response: (Int) -> Double
  ) -> Double {
    let steps = contributions(n, a, s, resolution, response)
    let own = Int((response(s) * Double(resolution)).rounded())
    // The law is periodic over the grid: wide enough for twelve standard deviations to each side.
    let variance = steps.reduce(0.0) { $0 + $1.probability * pow(Double($1.step) / Double(resolution), 2) }
    let span = 8 + 12 * (2 * Double(segments) * variance).squareRoot()
    let half = Int(span.rounded(.up)) * resolution
    // P(difference < 0) + P(0) / 2: the sum over negative places of the inverse transform is geometric, and
    // vanishes at even frequencies.
    var sum = 0.0
    for k in stride(from: 1, to: half, by: 2) {
      let angle = Double.pi * Double(k) / Double(half)
      var (real, imaginary) = (0.0, 0.0)
      for entry in steps {
        real += entry.probability * cos(angle * Double(entry.step))
        imaginary += entry.probability * sin(angle * Double(entry.step))
      }
      // The owner has segments - 1 others beside the sure one; the rival's count negatively.
      let size = pow(real * real + imaginary * imaginary, Double(segments) - 0.5)
      let phase = angle * Double(own) - atan2(imaginary, real)
      sum += size * sin(phase) / tan(angle / 2)
    }
    return min(1, max(0, 0.5 - sum / Double(half)))
  }

  /// Responses on the grid with their probabilities for a random pattern.
  private static func contributions(
    _ n: Int, _ a: Int, _ s: Int, _ resolution: Int, _ response: (Int) -> Double
  ) -> [(step: Int, probability: Double)] {
    var byStep: [Int: Double] = [:]
    for u in 0...min(s, a) {
      let p = Hypergeometric.probability(population: n, marked: s, drawn: a, exactly: u).value
      byStep[Int((response(u) * Double(resolution)).rounded()), default: 0] += p
    }
    return byStep.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
