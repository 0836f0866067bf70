import Statistics
import Support
import Tensors

/// A recording cut around events: trials × time × neurons.
public struct AlignedTrials: Sendable {
  /// `[trials, T, N]`
  public let activity: Tensor
  /// Seconds from the event, T of them.
  public let time: TimeAxis
  public let neurons: NeuronTable
  /// When the events were; those too near to the ends of the recording are left out.
  public let events: [Double]
  public let unit: String

  public var trialCount: Int { events.count }

  /// The mean over the trials with the standard error of it, `[T, N]` each: the peristimulus time histogram of binned spikes.
  public var mean: (mean: Tensor, standardError: Tensor) {
    let count = Double(trialCount)
    let mean = activity.mean(axis: 0)
    let distance = activity - mean
    let squares = (distance * distance).sum(axis: 0)
    return (mean, trialCount > 1 ? (squares / (count * (count - 1))).sqrt() : Tensor.zeros(like: mean))
  }

  /// The mean activity of each trial within a stretch of time from the event, `[trials, N]`.
  ///
  /// - Throws: `CajalError` when no sample lies in it.
  public func response(from start: Double, to end: Double) throws -> Tensor {
    let range = time.firstIndex(notBefore: start)..<time.firstIndex(notBefore: end)
    guard !range.isEmpty else {
      throw CajalError("no sample lies from \(start) to \(end) s of the event: they reach from \(time.start) to \(time.end) s")
    }
    return activity.narrowed(1, from: range.lowerBound, to: range.upperBound).mean(axis: 1)
  }

  /// All trials in a row, with columns `trial` and `time`: what decompositions and alignments take.
  public func flattened() throws -> Recording {
    let (trials, samples) = (activity.size(0), activity.size(1))
    let table = SampleTable([
      ("trial", .numbers((0..<trials).flatMap { [Double](repeating: Double($0), count: samples) })),
      ("time", .numbers((0..<trials).flatMap { _ in time.values })),
    ])
    return try Recording(
      name: "trials", activity: activity.reshaped([trials * samples, neurons.count]), neurons: neurons,
      samples: table, unit: unit)
  }
}

extension Recording {
  /// Trials around events, on one grid of time from `start` to `end` seconds of each, on the lines between samples.
  ///
  /// - Parameter step: Of the grid in seconds; the recording's own if nil.
  /// - Throws: `CajalError` when there is no event whose whole window was recorded.
  public func aligned(to events: [Double], from start: Double, to end: Double, step: Double? = nil) throws
    -> AlignedTrials
  {
    let time = try requiredTime(for: "trials")
    let step = step ?? time.step
    guard end > start, step > 0, step.isFinite else {
      throw CajalError("\(name): trials from \(start) to \(end) s in steps of \(step) s")
    }
    let count = max(1, Int(((end - start) / step + 1e-9).rounded(.down)))
    let stamps = time.values
    let whole = events.filter { event in
      event + start >= stamps.first ?? .infinity
        && event + start + Double(count - 1) * step <= stamps.last ?? -.infinity
    }
    guard !whole.isEmpty else {
      throw CajalError(
        "\(name): none of \(events.count) events has all of its time from \(start) to \(end) s recorded")
    }
    let values = activity.to(.float64).contiguous()
    let aligned = Tensor.uninitialized([whole.count, count, neuronCount], .float64)
    let n = neuronCount
    values.withUnsafeElements(of: Double.self) { source in
      aligned.withUnsafeMutableElements(of: Double.self) { target in
        for (trial, event) in whole.enumerated() {
          for sample in 0..<count {
            let moment = event + start + Double(sample) * step
            let next = min(max(1, time.firstIndex(notBefore: moment)), stamps.count - 1)
            let share = (moment - stamps[next - 1]) / (stamps[next] - stamps[next - 1])
            for neuron in 0..<n {
              let (a, b) = (source[(next - 1) * n + neuron], source[next * n + neuron])
              target[(trial * count + sample) * n + neuron] = a + share * (b - a)
            }
          }
        }
      }
    }
    return AlignedTrials(
      activity: aligned, time: TimeAxis(start: start, rate: 1 / step, count: count), neurons: neurons,
      events: whole, unit: unit)
  }
}

extension SpikeTrains {
  /// Counts around events in bins of `width` seconds from the event, `[trials, bins, units]`; the mean is the peristimulus time
  /// histogram.
  ///
  /// - Throws: `CajalError` when no bin fits, or there is no event whose whole window was observed.
  public func aligned(to events: [Double], from start: Double, to end: Double, width: Double) throws
    -> AlignedTrials
  {
    let bins = width > 0 && end > start ? SpikeBin.count(Interval(start, end), width: width) : 0
    guard bins > 0 else { throw CajalError("\(name): bins of \(width) s from \(start) to \(end) s") }
    let whole = events.filter { event in
      support.intervals.contains { $0.start <= event + start && event + end <= $0.end }
    }
    guard !whole.isEmpty else {
      throw CajalError(
        "\(name): none of \(events.count) events has all of its time from \(start) to \(end) s observed")
    }
    var counts = [Double](repeating: 0, count: whole.count * bins * count)
    for (trial, event) in whole.enumerated() {
      for unit in 0..<count {
        for spike in range(of: unit, from: event + start, to: event + end) {
          let bin = SpikeBin.index(times[spike], start: event + start, perSecond: 1 / width)
          if bin < bins { counts[(trial * bins + bin) * count + unit] += 1 }
        }
      }
    }
    return AlignedTrials(
      activity: Tensor(counts, shape: [whole.count, bins, count]),
      time: TimeAxis(start: start, rate: 1 / width, count: bins), neurons: units, events: whole,
      unit: "spikes")
  }
}
