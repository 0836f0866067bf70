import Foundation
import Support

/// Correlations of pairs of neurons, over whole recordings or in a sliding window: what affinities are compared with.
public enum PairCorrelation {
  /// The mean over animals of every pair's correlation over the whole recording; pairs that no animal has are not a number.
  ///
  /// - Parameter traces: By animal and neuron, nil for neurons an animal lacks.
  /// - Throws: `CajalError` for animals with different numbers of neurons, or traces of different lengths within one.
  public static func mean(_ traces: [[[Double]?]]) throws -> [Double] {
    let pairs = try check(traces)
    let all = pairs.all
    var (sums, counts) = (
      [Double](repeating: 0, count: pairs.count), [Double](repeating: 0, count: pairs.count)
    )
    for animal in traces {
      let scaled = animal.map { $0.map { unit($0) } }
      for (position, pair) in all.enumerated() {
        guard let a = scaled[pair.0], let b = scaled[pair.1] else { continue }
        sums[position] += VectorLoops.dot(a, b, a.count)
        counts[position] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }

  /// Correlations in a window around every bin of time, negative ones as 0: time × animal × pair. Windows are cut at the ends.
  ///
  /// - Parameters:
  ///   - traces: By animal and neuron, nil for neurons an animal lacks; all of one length.
  ///   - window: Seconds.
  ///   - bin: Seconds between windows.
  /// - Throws: `CajalError` as ``mean(_:)``, or for animals of different lengths.
  public static func sliding(
    _ traces: [[[Double]?]], samplingRate: Double, window: Double, bin: Double
  ) throws -> NonNegativeTensor {
    let pairs = try check(traces)
    let all = pairs.all
    let lengths = Set(traces.flatMap { $0.compactMap { $0?.count } })
    guard let length = lengths.first, lengths.count == 1 else {
      throw CajalError("animals of \(lengths.sorted()) samples, expected one length")
    }
    let (width, half) = (
      max(1, Int((bin * samplingRate).rounded())), Int((window * samplingRate / 2).rounded())
    )
    let bins = length / width
    let size = traces.count * pairs.count
    let values = parallelMap(bins) { index -> [Double] in
      let middle = index * width + width / 2
      let range = max(0, middle - half)..<min(length, middle + half)
      var row = [Double](repeating: 0, count: size)
      for (animal, own) in traces.enumerated() {
        let scaled = own.map { $0.map { unit(Array($0[range])) } }
        for (position, pair) in all.enumerated() {
          guard let a = scaled[pair.0], let b = scaled[pair.1] else { continue }
          row[animal * pairs.count + position] = max(0, VectorLoops.dot(a, b, a.count))
        }
      }
      return row
    }
    let missing = traces.flatMap { own in all.map { own[$0.0] == nil || own[$0.1] == nil } }
    return try NonNegativeTensor(
      values.flatMap { $0 }, shape: [bins, traces.count, pairs.count], missing: .alike(missing))
  }

  /// Without its mean, of length 1; zeros where it is constant.
  private static func unit(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let centred = values.map { $0 - mean }
    let length = VectorLoops.dot(centred, centred, centred.count).squareRoot()
    return centred.map { length > 1e-12 ? $0 / length : 0 }
  }

  private static func check(_ traces: [[[Double]?]]) throws -> NeuronPairs {
    guard let neurons = traces.first?.count, neurons > 1, traces.allSatisfy({ $0.count == neurons }) else {
      throw CajalError("animals of \(traces.map(\.count)) neurons, expected one number from 2 up")
    }
    for (animal, own) in traces.enumerated() {
      let lengths = Set(own.compactMap { $0?.count })
      guard lengths.count == 1, lengths.first! > 1 else {
        throw CajalError(
          "traces of animal \(animal) have \(lengths.sorted()) samples, expected one length from 2 up")
      }
    }
    return NeuronPairs(neurons: neurons)
  }
}
