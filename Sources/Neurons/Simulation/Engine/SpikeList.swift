/// The spikes of one partition in one interval: by step, then population, then neuron, neurons numbered as in the whole
/// population.
final class SpikeList: @unchecked Sendable {
  private(set) var neurons: UnsafeMutablePointer<Int32>
  private var capacity = 1024
  private(set) var count = 0
  /// Where the spikes of each step and population end; the first number is 0.
  private(set) var ends: [Int32] = [0]

  init() { neurons = .allocate(capacity: capacity) }
  deinit { neurons.deallocate() }

  func clear() {
    count = 0
    ends.removeAll(keepingCapacity: true)
    ends.append(0)
  }

  /// Room for so many more spikes.
  @inline(__always)
  func reserve(_ more: Int) -> UnsafeMutablePointer<Int32> {
    if count + more > capacity { grow(count + more) }
    return neurons + count
  }

  private func grow(_ needed: Int) {
    let larger = max(needed, 2 * capacity)
    let copy = UnsafeMutablePointer<Int32>.allocate(capacity: larger)
    copy.update(from: neurons, count: count)
    neurons.deallocate()
    (neurons, capacity) = (copy, larger)
  }

  /// Ends the spikes of one step and population, `more` of which were written.
  @inline(__always)
  func close(_ more: Int) {
    count += more
    ends.append(Int32(truncatingIfNeeded: count))
  }

  /// The spikes of a population in a step of the interval.
  @inline(__always)
  func spikes(_ step: Int, _ population: Int, of populations: Int) -> UnsafeBufferPointer<Int32> {
    let place = step * populations + population
    return UnsafeBufferPointer(
      rebasing: UnsafeBufferPointer(start: neurons, count: count)[Int(ends[place])..<Int(ends[place + 1])])
  }

  /// As numbers to send: the ends, then the neurons.
  func packed(into message: inout [Int32]) {
    message.append(Int32(ends.count))
    message.append(contentsOf: ends)
    message.append(contentsOf: UnsafeBufferPointer(start: neurons, count: count))
  }

  /// Takes what ``packed(into:)`` wrote; returns where the next list begins.
  func unpack(_ message: [Int32], from start: Int) -> Int {
    let length = Int(message[start])
    ends.removeAll(keepingCapacity: true)
    ends.append(contentsOf: message[start + 1..<start + 1 + length])
    let first = start + 1 + length
    count = 0
    let new = Int(ends[length - 1])
    let room = reserve(new)
    for k in 0..<new { room[k] = message[first + k] }
    count = new
    return first + new
  }
}
