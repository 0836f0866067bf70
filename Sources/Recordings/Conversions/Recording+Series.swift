import Foundation
import Statistics
import Support
import Tensors

extension Recording {
  /// The series of every neuron in 64 bits, one after the other, `[N, S]`.
  public func series() -> Tensor { activity.to(.float64).transposed(0, 1).contiguous().cloned() }

  /// Every neuron's series through `body`, neurons side by side; samples may change in number.
  ///
  /// - Parameter length: The samples that `body` writes.
  func mapSeries(
    length: Int? = nil,
    _ body:
      @Sendable (_ input: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) -> Void
  ) -> Tensor {
    let input = activity.to(.float64).transposed(0, 1).contiguous()
    let (s, n) = (sampleCount, neuronCount)
    let samples = length ?? s
    let output = Tensor.zeros([n, samples], .float64)
    input.withUnsafeElements(of: Double.self) { source in
      output.withUnsafeMutableElements(of: Double.self) { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        let (from2, to2) = (SendableAddress(UnsafeMutablePointer(mutating: from)), SendableAddress(to))
        parallelFor(n) { neuron in
          body(
            UnsafeBufferPointer(start: from2.pointer! + neuron * s, count: s),
            UnsafeMutableBufferPointer(start: to2.pointer! + neuron * samples, count: samples))
        }
      }
    }
    return output.transposed(0, 1).contiguous()
  }

  /// Each neuron less its mean, over its standard deviation; a neuron that never changes becomes 0.
  ///
  /// - Parameters:
  ///   - epochs: Mean and deviation are those of these times alone, as a prediction of the others needs; of all if nil.
  ///   - correction: Subtracted from the count under the variance: 0 for that of the population, 1 for the unbiased one.
  public func zScored(over epochs: Epochs? = nil, correction: Int = 0) throws -> Recording {
    let ranges =
      try epochs.map { try requiredTime(for: "a choice of epochs").indices(in: $0) } ?? [0..<sampleCount]
    let counted = ranges.reduce(0) { $0 + $1.count } - correction
    guard counted > 0 else {
      throw CajalError("\(name): no sample lies in the epochs that z-scores refer to")
    }
    return replacing(
      activity: mapSeries { input, output in
        let count = ranges.reduce(0) { $0 + $1.count }
        let mean = ranges.reduce(0.0) { $0 + $1.reduce(0.0) { $0 + input[$1] } } / Double(count)
        let squares = ranges.reduce(0.0) { sum, range in
          sum + range.reduce(0.0) { $0 + (input[$1] - mean) * (input[$1] - mean) }
        }
        let deviation = (squares / Double(counted)).squareRoot()
        // What rounding leaves of a constant is no deviation.
        let scale = deviation > 1e-12 * abs(mean) && deviation > 0 ? 1 / deviation : 0
        for index in input.indices { output[index] = (input[index] - mean) * scale }
      }, unit: "z")
  }

  /// Each neuron less the polynomial of this degree that fits it best: 0 takes the mean off, 1 a line.
  public func detrended(degree: Int = 1) throws -> Recording {
    guard degree >= 0, degree < sampleCount else {
      throw CajalError("\(name): a trend of degree \(degree) in \(sampleCount) samples")
    }
    let times = time?.values ?? (0..<sampleCount).map(Double.init)
    let (first, last) = (times.first ?? 0, times.last ?? 1)
    let middle = (first + last) / 2
    let half = max(last - first, .leastNormalMagnitude) / 2
    let powers = times.map { time in (0...degree).map { pow((time - middle) / half, Double($0)) } }
    let design = Tensor(powers.flatMap { $0 }, shape: [sampleCount, degree + 1])
    let basis = design.qr().q
    let values = activity.to(.float64)
    return replacing(activity: values - basis.matmul(basis.transposed(0, 1).matmul(values)))
  }

  /// Fluorescence over a baseline of its own: `(F - F₀) / F₀`.
  ///
  /// - Parameters:
  ///   - percentile: Of the fluorescence that counts as baseline, 0...100.
  ///   - window: Seconds around each sample over which the baseline is taken; the whole recording if nil.
  /// - Throws: `CajalError` naming the neuron whose baseline is not above 0.
  public func relativeFluorescence(percentile: Double = 20, window: Double? = nil) throws -> Recording {
    guard (0...100).contains(percentile) else { throw CajalError("a baseline at percentile \(percentile)") }
    let half = try window.map {
      max(1, Int(($0 * (try requiredTime(for: "a window in seconds")).rate / 2).rounded()))
    }
    let baseline = mapSeries { input, output in
      guard let half else {
        output.update(repeating: Percentile.of(Array(input), percentile))
        return
      }
      var slider = SlidingPercentile(input, half: half, percentile)
      for index in output.indices { output[index] = slider.next() }
    }
    let lowest = baseline.min(axes: [0]).doubles
    if let neuron = lowest.firstIndex(where: { !($0 > 0) }) {
      throw CajalError(
        "\(name): the baseline of neuron '\(neurons.name(ofNeuron: neuron))' falls to \(lowest[neuron]), fluorescence above 0 was expected"
      )
    }
    return replacing(activity: (activity.to(.float64) - baseline) / baseline, unit: "ΔF/F")
  }

  /// The change per second: between the neighbours of each sample over the time between them, one-sided at the ends.
  public func derivative() throws -> Recording {
    let times = try requiredTime(for: "a derivative").values
    guard times.count > 1 else { throw CajalError("\(name): a derivative of \(times.count) sample") }
    return replacing(
      activity: mapSeries { input, output in
        let last = times.count - 1
        for index in output.indices {
          let (before, after) = (max(0, index - 1), min(last, index + 1))
          output[index] = (input[after] - input[before]) / (times[after] - times[before])
        }
      }, unit: unit.isEmpty ? "" : "\(unit)/s")
  }

  /// Values that are not numbers replaced on the line between their neighbours in time, at the ends by the nearest; a neuron
  /// without any number stays as it is. The second result is how many values were replaced, by neuron.
  public func interpolated() -> (recording: Recording, replaced: [Int]) {
    let times = time?.values ?? (0..<sampleCount).map(Double.init)
    let replaced = activity.to(.float64).isNaN().to(.int64).sum(axes: [0]).integers
    let filled = mapSeries { input, output in
      let known = input.indices.filter { !input[$0].isNaN }
      guard !known.isEmpty else { return output.update(repeating: .nan) }
      var next = 0
      for index in input.indices {
        while next < known.count, known[next] < index { next += 1 }
        guard next < known.count else {
          output[index] = input[known[known.count - 1]]
          continue
        }
        guard known[next] != index, next > 0 else {
          output[index] = input[known[next]]
          continue
        }
        let (a, b) = (known[next - 1], known[next])
        let share = (times[index] - times[a]) / (times[b] - times[a])
        output[index] = input[a] + share * (input[b] - input[a])
      }
    }
    return (replacing(activity: filled), replaced)
  }
}
