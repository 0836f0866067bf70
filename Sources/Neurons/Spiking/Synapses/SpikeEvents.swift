import Support
import Tensors

/// The nonzero elements of a sequence `[T, B, N]`, by neuron: for each of the N, when and in which batch it was active.
///
/// Spikes are few, so that products over events cost as many operations as there are spikes times what each reaches.
struct SpikeEvents: Sendable {
  /// T, B and N.
  let steps, batch, neurons: Int
  /// Where the events of each neuron begin, and behind the last where all end: N + 1 numbers.
  let first: [Int32]
  /// Of each event: batch times one stride and time times another; by batch, then by time, for each neuron.
  let places: [Int32]
  /// What all events are worth where they are worth the same, as spikes are.
  let common: Float?
  /// What each event is worth otherwise.
  let values: [Float]

  var count: Int { places.count }

  /// - Parameters:
  ///   - limit: The largest share of nonzero elements.
  ///   - strides: Of batch and time, in the places of events.
  /// - Returns: nil where more than the limit are nonzero.
  init?(_ sequence: Tensor, limit: Double, strides: (batch: Int, time: Int)) {
    let shape = sequence.shape
    let (steps, batch, neurons) = (shape[0], shape[1], shape[2])
    let rows = steps * batch
    let x = SendableAddress(elements(sequence))
    // Batches are scanned by several threads, each counting for every neuron.
    let parts = max(1, min(batch, Threads.count * 2))
    let scans = withExtendedLifetime(sequence) {
      parallelMap(parts) { part -> EventScan in
        var scan = EventScan(neurons)
        for b in batch * part / parts..<batch * (part + 1) / parts {
          for t in 0..<steps {
            scan.row(
              x.pointer! + (t * batch + b) * neurons, neurons,
              place: Int32(b * strides.batch + t * strides.time))
          }
        }
        return scan
      }
    }
    let total = scans.reduce(0) { $0 + $1.places.count }
    guard Double(total) <= limit * Double(rows * neurons) else { return nil }
    (self.steps, self.batch, self.neurons) = (steps, batch, neurons)
    var first = [Int32](repeating: 0, count: neurons + 1)
    for neuron in 0..<neurons {
      first[neuron + 1] = first[neuron] + scans.reduce(0) { $0 + $1.counts[neuron] }
    }
    let value = scans.lazy.compactMap(\.common).first
    let isCommon = scans.allSatisfy { $0.isCommon && ($0.common == nil || $0.common == value) }
    common = isCommon ? value ?? 1 : nil
    var places = [Int32](repeating: 0, count: total)
    var values = [Float](repeating: 0, count: isCommon ? 0 : total)
    var next = first
    for scan in scans {
      for index in scan.places.indices {
        let neuron = Int(scan.neurons[index])
        let place = Int(next[neuron])
        places[place] = scan.places[index]
        if !isCommon { values[place] = scan.values[index] }
        next[neuron] += 1
      }
    }
    (self.first, self.places, self.values) = (first, places, values)
  }

  /// The events of one neuron.
  @inline(__always)
  func range(_ neuron: Int) -> Range<Int> { Int(first[neuron])..<Int(first[neuron + 1]) }
}

/// What one thread finds.
private struct EventScan {
  var counts: [Int32]
  var places: [Int32] = []
  var neurons: [Int32] = []
  var values: [Float] = []
  var common: Float?
  var isCommon = true

  init(_ count: Int) { counts = [Int32](repeating: 0, count: count) }

  mutating func row(_ x: UnsafePointer<Float>, _ count: Int, place: Int32) {
    for start in stride(from: 0, to: count, by: Lanes.width) {
      let width = min(Lanes.width, count - start)
      let lanes = Lanes(x + start, width).values
      // Most vectors hold no spike at all.
      guard any(lanes .!= 0) else { continue }
      for lane in 0..<width where lanes[lane] != 0 {
        let value = x[start + lane]
        if common == nil { common = value } else if value != common { isCommon = false }
        counts[start + lane] += 1
        places.append(place)
        neurons.append(Int32(start + lane))
        values.append(value)
      }
    }
  }
}
