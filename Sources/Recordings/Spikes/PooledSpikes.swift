import Support

/// The spikes of all units together, put into buckets of time as long as the window of a correlogram: partners of a spike lie in its own
/// bucket or in the next.
struct PooledSpikes: Sendable {
  private let times: [Double]
  private let owners: [Int32]
  /// Where each bucket begins; one more than buckets.
  private let starts: [Int]
  private let units: Int

  init(_ trains: SpikeTrains, _ plan: CorrelogramPlan) {
    units = trains.count
    let first = trains.times.min() ?? 0
    let last = trains.times.max() ?? 0
    // A little longer than the window, so that rounding cannot put a partner two buckets away.
    let length = max(plan.edge * (1 + 1e-9), (last - first) / Double(4 * trains.spikeCount + 16))
    let perSecond = length > 0 ? 1 / length : 0
    let places = trains.times.map { Int32(($0 - first) * perSecond) }
    let buckets = Int(places.max() ?? 0) + 1
    var starts = [Int](repeating: 0, count: buckets + 1)
    for place in places { starts[Int(place) + 1] += 1 }
    for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
    var next = starts
    var (times, owners) = (trains.times, [Int32](repeating: 0, count: places.count))
    for unit in 0..<trains.count {
      for spike in trains.starts[unit]..<trains.starts[unit + 1] {
        let place = next[Int(places[spike])]
        next[Int(places[spike])] += 1
        times[place] = trains.times[spike]
        owners[place] = Int32(unit)
      }
    }
    (self.times, self.owners, self.starts) = (times, owners, starts)
  }

  /// Pairs by reference, target and bin, `[units · units · bins]`.
  func counts(_ plan: CorrelogramPlan) -> [Int32] {
    let size = units * units * plan.bins
    let buckets = starts.count - 1
    // Every thread counts for itself, where that does not cost too much memory.
    let parts = size * Threads.count <= 1 << 24 ? min(Threads.count, buckets) : 1
    let all = parallelMap(parts) { part in
      count(plan, buckets: buckets * part / parts..<buckets * (part + 1) / parts, size)
    }
    var total = all[0]
    for other in all.dropFirst() { for index in total.indices { total[index] += other[index] } }
    return total
  }

  /// Both directions of every pair; what lies outside of the window goes into a place behind all others, so that nothing
  /// branches.
  private func count(_ plan: CorrelogramPlan, buckets: Range<Int>, _ size: Int) -> [Int32] {
    var counts = [Int32](repeating: 0, count: size + 1)
    let (bins, units) = (plan.bins, units)
    let (perBin, edge) = (1 / plan.width, plan.edge)
    counts.withUnsafeMutableBufferPointer { counts in
      times.withUnsafeBufferPointer { times in
        owners.withUnsafeBufferPointer { owners in
          for bucket in buckets {
            let end = starts[min(bucket + 2, starts.count - 1)]
            for spike in starts[bucket]..<starts[bucket + 1] {
              let (time, own) = (times[spike], Int(owners[spike]))
              for other in spike + 1..<max(end, spike + 1) {
                let (lag, unit) = (times[other] - time, Int(owners[other]))
                let forth = CorrelogramPlan.bin(lag, edge, perBin, bins)
                let back = CorrelogramPlan.bin(-lag, edge, perBin, bins)
                counts[forth < 0 ? size : (own * units + unit) * bins + forth] += 1
                counts[back < 0 ? size : (unit * units + own) * bins + back] += 1
              }
            }
          }
        }
      }
    }
    counts.removeLast()
    return counts
  }
}
