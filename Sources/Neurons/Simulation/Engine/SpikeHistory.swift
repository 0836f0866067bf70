/// The latest spikes of the neurons that plastic synapses of a partition end on, with the traces that they left.
final class SpikeHistory<Scalar: SimulationScalar>: @unchecked Sendable {
  struct Entry {
    let step: Int32
    /// Just after the spike.
    let traces: TraceValues<Scalar>
  }

  let neurons: Int
  private(set) var capacity = 8
  private(set) var entries: UnsafeMutablePointer<Entry>
  private(set) var counts: UnsafeMutablePointer<Int32>
  /// The first spike of each neuron that not all synapses know of.
  private(set) var pending: UnsafeMutablePointer<Int32>
  private let decay: TraceDecay<Scalar>
  /// Whether it is time that all synapses learn of all spikes.
  private(set) var isLong = false
  /// Spikes of a neuron that are kept before that.
  private static var longest: Int32 { 48 }

  init(neurons: Int, decay: TraceDecay<Scalar>) {
    (self.neurons, self.decay) = (neurons, decay)
    entries = .allocate(capacity: max(1, neurons * capacity))
    counts = .aligned(neurons)
    pending = .aligned(neurons)
    counts.update(repeating: 0, count: neurons)
    pending.update(repeating: 0, count: neurons)
  }

  deinit {
    entries.deallocate()
    counts.deallocate()
    pending.deallocate()
  }

  @inline(__always)
  func append(_ neuron: Int, _ step: Int) {
    let count = Int(counts[neuron])
    if count == capacity { grow() }
    let own = entries + neuron * capacity
    var traces = TraceValues<Scalar>(0)
    if count > 0 { traces = decay.decayed(own[count - 1].traces, by: step - Int(own[count - 1].step)) }
    (own + count).initialize(to: Entry(step: Int32(truncatingIfNeeded: step), traces: decay.raised(traces)))
    counts[neuron] += 1
    if counts[neuron] - pending[neuron] > Self.longest { isLong = true }
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: neurons * capacity * 2)
    for neuron in 0..<neurons {
      (larger + neuron * capacity * 2).initialize(
        from: entries + neuron * capacity, count: Int(counts[neuron]))
    }
    entries.deallocate()
    (entries, capacity) = (larger, capacity * 2)
  }

  /// The traces of a neuron just before its spike number `index`.
  @inline(__always)
  func before(_ own: UnsafePointer<Entry>, _ index: Int) -> TraceValues<Scalar> {
    guard index > 0 else { return TraceValues(0) }
    return decay.decayed(own[index - 1].traces, by: Int(own[index].step) - Int(own[index - 1].step))
  }

  /// The traces of a neuron `steps` after its spike number `index`; zero before its first spike.
  @inline(__always)
  func after(_ own: UnsafePointer<Entry>, _ index: Int, at step: Int) -> TraceValues<Scalar> {
    guard index >= 0 else { return TraceValues(0) }
    return decay.decayed(own[index].traces, by: step - Int(own[index].step))
  }

  /// Forgets spikes up to a step, which every synapse knows of, but the last of each neuron.
  func forget(upTo step: Int) {
    for neuron in 0..<neurons {
      let own = entries + neuron * capacity
      var known = Int(pending[neuron])
      while known < Int(counts[neuron]), Int(own[known].step) <= step { known += 1 }
      let dropped = max(0, known - 1)
      for k in dropped..<Int(counts[neuron]) { own[k - dropped] = own[k] }
      counts[neuron] -= Int32(dropped)
      pending[neuron] = Int32(known - dropped)
    }
    isLong = false
  }
}
