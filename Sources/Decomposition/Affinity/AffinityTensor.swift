import Support

/// Affinities of several animals as time × animal × pair of neurons; pairs of which an animal lacks a neuron are missing.
public struct AffinityTensor: Sendable {
  /// `[T, W, N (N - 1) / 2]`
  public let tensor: NonNegativeTensor
  public let pairs: NeuronPairs
  /// The middle of every bin of time, in seconds: from the start, or from the event.
  public let times: [Double]
  /// Which neurons each animal has, `[W][N]`.
  public let isPresent: [[Bool]]

  public var animals: Int { isPresent.count }

  /// Whether any animal has both neurons of each pair.
  public var isSeen: [Bool] {
    pairs.all.map { pair in isPresent.contains { $0[pair.0] && $0[pair.1] } }
  }

  /// A decomposition in which pairs that no animal has, of which nothing is known, weigh nothing.
  public func withoutUnseenPairs(_ factors: CPFactors) -> CPFactors {
    precondition(factors.shape == tensor.shape, "factors of the shape \(factors.shape) for \(tensor.shape)")
    var result = factors
    let isSeen = isSeen
    for component in 0..<factors.rank {
      for position in isSeen.indices where !isSeen[position] { result.columns[2][component][position] = 0 }
    }
    return result
  }

  /// The mean affinity of every pair over the animals that have it, by bin of time, `[T][P]`; 0 where none has.
  public var meanOverAnimals: [[Double]] {
    let counts = pairs.all.map { pair in
      Double(max(1, isPresent.count { $0[pair.0] && $0[pair.1] }))
    }
    return times.indices.map { time in
      let slab = tensor.slab(time)
      return counts.indices.map { position in
        (0..<animals).reduce(0) { $0 + slab[$1 * pairs.count + position] } / counts[position]
      }
    }
  }

  /// Affinities over the whole recording; the animals share one clock and unequal lengths are cut to the shortest.
  ///
  /// - Parameters:
  ///   - changes: By animal, of the same neurons.
  ///   - bin: Seconds over which affinities are averaged; nil for single samples.
  ///   - isHeld: Whether the tensor is held in memory; if not, it is computed again whenever it is needed. By its size if nil.
  /// - Throws: `CajalError` for animals with different neurons or samples, or without a whole bin.
  public init(_ changes: [DifferentialAffinity.Changes], bin: Double? = nil, isHeld: Bool? = nil) throws {
    let (pairs, rate) = try Self.check(changes)
    let width = max(1, Int(((bin ?? 0) * rate).rounded()))
    let shortest = changes.map(\.duration).min()!
    let bins = shortest / width
    guard bins > 0 else {
      throw CajalError("recordings of \(shortest) samples are shorter than a bin of \(width)")
    }
    let frames = (0..<bins).map { Array($0 * width..<($0 + 1) * width) }
    try self.init(
      changes, pairs, times: (0..<bins).map { (Double($0) + 0.5) * Double(width) / rate }, isHeld,
      frames: [[[Int]]](repeating: frames, count: changes.count))
  }

  /// Affinities around events, averaged over the events of every animal.
  ///
  /// - Parameters:
  ///   - events: Samples of the events, by animal; those too near to an end are left out.
  ///   - window: Seconds from the event, -10...20 say.
  ///   - bin: Seconds over which affinities are averaged; nil for single samples.
  /// - Throws: `CajalError` naming an animal without an event whose window lies in the recording.
  public init(
    _ changes: [DifferentialAffinity.Changes], around events: [[Int]], window: ClosedRange<Double>,
    bin: Double? = nil
  ) throws {
    let (pairs, rate) = try Self.check(changes)
    guard events.count == changes.count else {
      throw CajalError("events of \(events.count) animals for \(changes.count) animals")
    }
    let width = max(1, Int(((bin ?? 0) * rate).rounded()))
    let first = Int((window.lowerBound * rate).rounded())
    let bins = (Int((window.upperBound * rate).rounded()) - first) / width
    guard bins > 0 else { throw CajalError("the window \(window) s is shorter than a bin") }
    let frames = try changes.indices.map { animal in
      let inside = events[animal].filter {
        $0 + first >= 0 && $0 + first + bins * width <= changes[animal].duration
      }
      guard !inside.isEmpty else {
        throw CajalError("animal \(animal) has no event with the window \(window) s inside its recording")
      }
      return (0..<bins).map { bin in
        inside.flatMap { event in (0..<width).map { event + first + bin * width + $0 } }
      }
    }
    let times = (0..<bins).map { (Double(first) + (Double($0) + 0.5) * Double(width)) / rate }
    try self.init(changes, pairs, times: times, true, frames: frames)
  }

  /// - Parameter frames: `[W][T]`: which samples are averaged.
  private init(
    _ changes: [DifferentialAffinity.Changes], _ pairs: NeuronPairs, times: [Double], _ isHeld: Bool?,
    frames: [[[Int]]]
  ) throws {
    let (animals, count) = (changes.count, pairs.count)
    let shape = [times.count, animals, count]
    let fill: @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void = { range, target in
      target.update(repeating: 0, count: range.count * animals * count)
      for (row, time) in range.enumerated() {
        for animal in 0..<animals {
          let chosen = frames[animal][time]
          for frame in chosen {
            changes[animal].add(
              at: frame, to: target + (row * animals + animal) * count, weight: 1 / Double(chosen.count))
          }
        }
      }
    }
    let missing = changes.flatMap { own in pairs.all.map { !(own.isPresent[$0.0] && own.isPresent[$0.1]) } }
    if isHeld ?? (shape.reduce(1, *) <= 1 << 26) {
      let values = [Double](unsafeUninitializedCapacity: shape.reduce(1, *)) { buffer, initialized in
        let base = SendableAddress(buffer.baseAddress)
        parallelFor(times.count) { time in
          let target = base.pointer! + time * animals * count
          target.initialize(repeating: 0, count: animals * count)
          fill(time..<time + 1, target)
        }
        initialized = buffer.count
      }
      tensor = try NonNegativeTensor(values, shape: shape, missing: .alike(missing))
    } else {
      tensor = try NonNegativeTensor(shape: shape, missingAlike: missing, fill: fill)
    }
    self.pairs = pairs
    self.times = times
    isPresent = changes.map(\.isPresent)
  }

  private static func check(_ changes: [DifferentialAffinity.Changes]) throws -> (NeuronPairs, Double) {
    guard let first = changes.first else { throw CajalError("no animals") }
    guard changes.allSatisfy({ $0.neurons == first.neurons }) else {
      throw CajalError(
        "animals of \(changes.map(\.neurons)) neurons: give every animal the same list, with nil for those it lacks"
      )
    }
    guard Set(changes.map(\.affinity.samplingRate)).count == 1 else {
      throw CajalError("animals sampled at different rates: resample them to one clock first")
    }
    return (NeuronPairs(neurons: first.neurons), first.affinity.samplingRate)
  }
}
