import Support

/// Spike times of many units, in seconds, and when they were observed.
///
/// Binned, they are a ``Recording``. Edges follow the one rule of ``Interval``: a spike at the start of a stretch belongs to it,
/// one at its end does not.
public struct SpikeTrains: Sendable, Equatable {
  /// What errors and figures call it.
  public var name: String
  /// Unit after unit, ascending within each.
  public let times: [Double]
  /// Where the spikes of each unit begin; one more than units.
  public let starts: [Int]
  public let units: NeuronTable
  /// The time observed: rates, bins and restrictions refer to it.
  public let support: Epochs
  public var epochs: [String: Epochs]

  /// - Parameters:
  ///   - times: By unit, in any order.
  ///   - units: As many; numbered if nil.
  ///   - support: From the first spike to just behind the last if nil.
  /// - Throws: `CajalError` naming unit and spike when a time is not finite or was not observed.
  public init(
    name: String = "spikes", _ times: [[Double]], units: NeuronTable? = nil, support: Epochs? = nil,
    epochs: [String: Epochs] = [:]
  ) throws {
    if let units, units.count != times.count {
      throw CajalError("\(name): \(units.count) units are described, \(times.count) have spikes")
    }
    let table = units ?? NeuronTable(count: times.count, site: "unit")
    var starts = [0]
    var flat: [Double] = []
    flat.reserveCapacity(times.reduce(0) { $0 + $1.count })
    for (unit, own) in times.enumerated() {
      if let wrong = own.firstIndex(where: { !$0.isFinite }) {
        throw CajalError(
          "\(name), unit '\(table.name(ofNeuron: unit))': spike \(wrong) is at \(own[wrong]) s")
      }
      let isAscending = zip(own, own.dropFirst()).allSatisfy { $0 <= $1 }
      flat += isAscending ? own : own.sorted()
      starts.append(flat.count)
    }
    let observed = support?.union ?? Self.span(flat)
    self.init(name: name, flat, starts, table, observed, epochs)
    if support != nil { try checkSupport() }
  }

  private init(
    name: String, _ times: [Double], _ starts: [Int], _ units: NeuronTable, _ support: Epochs,
    _ epochs: [String: Epochs]
  ) {
    (self.name, self.times, self.starts) = (name, times, starts)
    (self.units, self.support, self.epochs) = (units, support, epochs)
  }

  private static func span(_ times: [Double]) -> Epochs {
    guard let first = times.min(), let last = times.max() else { return Epochs() }
    return Epochs(from: first, to: last.nextUp)
  }

  private func checkSupport() throws {
    for unit in 0..<count {
      guard let outside = outside(unit) else { continue }
      throw CajalError(
        "\(name), unit '\(units.name(ofNeuron: unit))': a spike at \(outside) s, outside of the time observed"
      )
    }
  }

  /// A spike that was not observed.
  private func outside(_ unit: Int) -> Double? {
    var interval = 0
    for time in self[unit] {
      while interval < support.count, support[interval].end <= time { interval += 1 }
      guard interval < support.count, support[interval].contains(time) else { return time }
    }
    return nil
  }

  /// How many units.
  public var count: Int { starts.count - 1 }
  public var spikeCount: Int { times.count }
  /// The spikes of a unit, ascending.
  public subscript(unit: Int) -> ArraySlice<Double> { times[starts[unit]..<starts[unit + 1]] }

  /// Spikes per second of the time observed, by unit.
  public var rates: [Double] { (0..<count).map { Double(self[$0].count) / support.duration } }

  /// The part within epochs.
  public func restricted(to epochs: Epochs) -> SpikeTrains {
    let kept = support.intersection(epochs)
    var (flat, starts) = ([Double](), [0])
    for unit in 0..<count {
      for interval in kept.intervals {
        flat += times[range(of: unit, from: interval.start, to: interval.end)]
      }
      starts.append(flat.count)
    }
    return SpikeTrains(
      name: name, flat, starts, units, kept, self.epochs.mapValues { $0.restricted(to: epochs) })
  }

  /// Some units, in this order.
  public func selected(units chosen: [Int]) -> SpikeTrains {
    var (flat, starts) = ([Double](), [0])
    for unit in chosen {
      flat += self[unit]
      starts.append(flat.count)
    }
    return SpikeTrains(name: name, flat, starts, units.selected(chosen), support, epochs)
  }

  /// Units with at least this rate, in spikes per second.
  public func selected(rateAtLeast rate: Double) -> SpikeTrains {
    let rates = rates
    return selected(units: rates.indices.filter { rates[$0] >= rate })
  }

  /// The positions in ``times`` of a unit's spikes within a stretch.
  public func range(of unit: Int, from start: Double, to end: Double) -> Range<Int> {
    let first = firstIndex(of: unit, notBefore: start)
    return first..<max(first, firstIndex(of: unit, notBefore: end))
  }

  func firstIndex(of unit: Int, notBefore time: Double) -> Int {
    var (low, high) = (starts[unit], starts[unit + 1])
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
