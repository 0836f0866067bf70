import Support

extension SpikeTrains {
  /// Trains that share something with the real ones, and nothing else: what tests of timing compare with.
  public enum Surrogate: Sendable {
    /// Every spike moved by up to so many seconds, evenly.
    case jitter(Double)
    /// The intervals of each unit in another order: the same distribution, no memory.
    case shuffledIntervals
    /// Each unit's spikes moved by one time of its own, round the ends of the observation: the same train, other partners.
    case shifted
    /// As many spikes, anywhere within the observation.
    case uniform
  }

  /// Units keep their number of spikes; what would leave the observation comes back at its other end.
  public func surrogate(_ kind: Surrogate, using generator: inout RandomGenerator) throws -> SpikeTrains {
    guard let span = support.span else { return self }
    let total = support.duration
    /// Moments of the observation, joined without gaps.
    func joined(_ time: Double) -> Double {
      var before = 0.0
      for interval in support.intervals {
        if time < interval.end { return before + max(0, time - interval.start) }
        before += interval.duration
      }
      return before
    }
    func parted(_ moment: Double) -> Double {
      var rest = moment - (moment / total).rounded(.down) * total
      for interval in support.intervals {
        if rest < interval.duration { return min(interval.start + rest, interval.end.nextDown) }
        rest -= interval.duration
      }
      return span.end.nextDown
    }
    let own = generator
    _ = generator.next()
    let moved = (0..<count).map { unit -> [Double] in
      var stream = own.split(unit)
      let times = self[unit].map(joined)
      switch kind {
      case .jitter(let reach): return times.map { parted($0 + reach * (2 * stream.uniform() - 1)) }
      case .uniform: return times.map { _ in parted(stream.uniform() * total) }
      case .shifted:
        let shift = stream.uniform() * total
        return times.map { parted($0 + shift) }
      case .shuffledIntervals:
        var steps = zip(times, times.dropFirst()).map { $1 - $0 }
        stream.shuffle(&steps)
        return steps.reduce(into: times.first.map { [$0] } ?? []) { $0.append($0.last! + $1) }.map(parted)
      }
    }
    return try SpikeTrains(name: name, moved, units: units, support: support, epochs: epochs)
  }
}
