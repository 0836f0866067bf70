import Support

/// Turns real vectors into sparse patterns: random projections, of which the largest `a` win.
///
/// Every cell sees a random share of the inputs with weights +1 or -1; the mean response of each cell over the
/// data it was fitted on is subtracted, so that no cell wins always. Similar inputs get overlapping patterns.
public struct KWinnerEncoder: Sendable {
  /// Cells of the code.
  public let n: Int
  /// Active cells of every pattern.
  public let a: Int
  /// Length of a vector.
  public let inputs: Int
  /// For every cell the inputs it sees, those with weight +1 first; all cells one after the other.
  private let sources: [Int32]
  /// Where the +1 and the -1 inputs of a cell begin, `[2n + 1]`.
  private let starts: [Int32]
  private var offsets: [Float]

  /// - Parameters:
  ///   - inputs: length of the vectors.
  ///   - share: the range from which each cell draws the share of the inputs it sees.
  /// - Throws: `CajalError` for sizes that make no code.
  public init(
    inputs: Int, n: Int, a: Int, share: ClosedRange<Double> = 0.05...0.1,
    using generator: inout RandomGenerator
  ) throws {
    guard inputs > 0, a > 0, a <= n else {
      throw CajalError("cannot code \(inputs) inputs with \(a) of \(n) cells")
    }
    guard share.lowerBound > 0, share.upperBound <= 1 else {
      throw CajalError("the share of inputs a cell sees should lie above 0 and not above 1, not \(share)")
    }
    self.n = n
    self.a = a
    self.inputs = inputs
    var (sources, starts): ([Int32], [Int32]) = ([], [0])
    for _ in 0..<n {
      let part = share.lowerBound + (share.upperBound - share.lowerBound) * generator.uniform()
      let seen = generator.subset(max(1, Int((part * Double(inputs)).rounded())), of: inputs)
      let signs = seen.map { _ in generator.next() >> 63 == 0 }
      for sign in [true, false] {
        for (source, plus) in zip(seen, signs) where plus == sign { sources.append(Int32(source)) }
        starts.append(Int32(sources.count))
      }
    }
    self.sources = sources
    self.starts = starts
    offsets = Array(repeating: 0, count: n)
  }

  /// Learns the mean response of every cell; `samples` is `[count, inputs]`, sample-major.
  ///
  /// - Throws: `CajalError` when the length is no multiple of the inputs.
  public mutating func fit(_ samples: [Float]) throws {
    let count = try sampleCount(samples.count)
    var mean = [Double](repeating: 0, count: inputs)
    for sample in 0..<count {
      for input in 0..<inputs { mean[input] += Double(samples[sample * inputs + input]) }
    }
    // The projection is linear: the mean response is the response to the mean.
    fit(mean: mean.map { $0 / Double(count) })
  }

  /// ``fit(_:)-([Float])`` for bytes, such as pixels.
  public mutating func fit(_ samples: [UInt8]) throws {
    let count = try sampleCount(samples.count)
    var mean = [Int](repeating: 0, count: inputs)
    for sample in 0..<count {
      for input in 0..<inputs { mean[input] += Int(samples[sample * inputs + input]) }
    }
    fit(mean: mean.map { Double($0) / Double(count) })
  }

  private mutating func fit(mean: [Double]) {
    offsets = (0..<n).map { cell in
      let plus = sources[Int(starts[2 * cell])..<Int(starts[2 * cell + 1])]
      let minus = sources[Int(starts[2 * cell + 1])..<Int(starts[2 * cell + 2])]
      let response = plus.reduce(0) { $0 + mean[Int($1)] } - minus.reduce(0) { $0 + mean[Int($1)] }
      return Float(response)
    }
  }

  /// The patterns of `[count, inputs]` sample-major vectors, on all threads. Among equal responses the cell with
  /// the smaller number wins.
  ///
  /// - Throws: `CajalError` when the length is no multiple of the inputs.
  public func encode(_ samples: [Float]) throws -> [SDR] {
    encode(try sampleCount(samples.count)) { samples[$0] }
  }

  /// ``encode(_:)-([Float])`` for bytes, such as pixels.
  public func encode(_ samples: [UInt8]) throws -> [SDR] {
    encode(try sampleCount(samples.count)) { Float(samples[$0]) }
  }

  private func sampleCount(_ length: Int) throws -> Int {
    guard length > 0, length % inputs == 0 else {
      throw CajalError("\(length) numbers are no whole number of samples of \(inputs) inputs")
    }
    return length / inputs
  }

  private func encode(_ count: Int, _ value: @Sendable (Int) -> Float) -> [SDR] {
    let lanes = 16
    let groups = parallelMap((count + lanes - 1) / lanes) { group -> [SDR] in
      let first = group * lanes
      let members = min(lanes, count - first)
      // [inputs] vectors of sixteen samples: every addition serves all of them.
      var columns = [SIMD16<Float>](repeating: .zero, count: inputs)
      for lane in 0..<members {
        for input in 0..<inputs { columns[input][lane] = value((first + lane) * inputs + input) }
      }
      let responses = project(columns)
      return (0..<members).map { lane in
        let winners = largest(a, of: responses.map { $0[lane] })
        return SDR(sortedUnique: winners, n: n)
      }
    }
    return groups.flatMap { $0 }
  }

  private func project(_ columns: [SIMD16<Float>]) -> [SIMD16<Float>] {
    [SIMD16<Float>](unsafeUninitializedCapacity: n) { out, initialized in
      initialized = n
      columns.withUnsafeBufferPointer { columns in
        sources.withUnsafeBufferPointer { sources in
          for cell in 0..<n {
            let (plus, minus, end) = (
              Int(starts[2 * cell]), Int(starts[2 * cell + 1]), Int(starts[2 * cell + 2])
            )
            var sum = SIMD16<Float>(repeating: -offsets[cell])
            for place in plus..<minus { sum += columns[Int(sources[place])] }
            for place in minus..<end { sum -= columns[Int(sources[place])] }
            out[cell] = sum
          }
        }
      }
    }
  }
}

/// The places of the `k` largest values in ascending order; among equal values the first ones.
private func largest(_ k: Int, of values: [Float]) -> [Int32] {
  let limit = kthLargest(k, values)
  var missing = k - values.reduce(0) { $0 + ($1 > limit ? 1 : 0) }
  var winners: [Int32] = []
  winners.reserveCapacity(k)
  for (place, value) in values.enumerated() {
    if value > limit {
      winners.append(Int32(place))
    } else if value == limit, missing > 0 {
      winners.append(Int32(place))
      missing -= 1
    }
  }
  return winners
}

/// The `k`-th largest value (Hoare's selection).
private func kthLargest(_ k: Int, _ values: [Float]) -> Float {
  var rest = values
  return rest.withUnsafeMutableBufferPointer { rest in
    var (low, high, target) = (0, rest.count - 1, k - 1)
    while low < high {
      let pivot = rest[(low + high) / 2]
      var (i, j) = (low, high)
      while i <= j {
        while rest[i] > pivot { i += 1 }
        while rest[j] < pivot { j -= 1 }
        if i <= j {
          rest.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if target <= j { high = j } else if target >= i { low = i } else { break }
    }
    target = max(0, target)
    return rest[target]
  }
}
