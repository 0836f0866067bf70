import Foundation
import Statistics
import Support
import Tensors

/// How much the past of one neuron tells about the next moment of another, beyond what that one's own past tells (Schreiber, 2000),
/// in bits a sample.
public struct TransferEntropy: Sendable {
  /// Samples of the past, of both.
  public var history = 1
  /// Into how many levels of equal shares activity is put; counts of spikes up to this number keep their own levels.
  public var levels = 2
  /// The past of the sender ends so many samples before the moment; 1 is the one just before.
  public var delay = 1

  public init(history: Int = 1, levels: Int = 2, delay: Int = 1) {
    precondition(
      history > 0 && levels > 1 && delay > 0, "\(history) samples of \(levels) levels, \(delay) before")
    precondition(pow(Double(levels), Double(2 * history + 1)) < 1e7, "more states than can be counted")
    (self.history, self.levels, self.delay) = (history, levels, delay)
  }

  /// From every neuron of the row to every one of the column, `[N][N]`; 0 to itself.
  ///
  /// - Parameter surrogates: Shifts in time of the sender whose mean is taken off, which few samples make too large; 0 for none.
  public func matrix(_ recording: Recording, surrogates: Int = 0, using generator: inout RandomGenerator)
    -> [[Double]]
  {
    let symbols = symbols(recording)
    let n = recording.neuronCount
    let own = generator
    _ = generator.next()
    return parallelMap(n) { sender in
      var stream = own.split(sender)
      let shifts = (0..<surrogates).map { _ in
        1 + stream.integer(below: max(1, recording.sampleCount - 2))
      }
      return (0..<n).map { receiver in
        guard sender != receiver else { return 0 }
        let plain = entropy(symbols[sender], symbols[receiver])
        let chance = shifts.map { shift in
          entropy(Array(symbols[sender][shift...] + symbols[sender][..<shift]), symbols[receiver])
        }
        return plain - (chance.isEmpty ? 0 : chance.reduce(0, +) / Double(chance.count))
      }
    }
  }

  /// Levels of each neuron's samples.
  func symbols(_ recording: Recording) -> [[UInt8]] {
    let values = recording.series().doubles
    let count = recording.sampleCount
    return (0..<recording.neuronCount).map { neuron in
      let own = Array(values[neuron * count..<(neuron + 1) * count])
      if own.allSatisfy({ $0 >= 0 && $0 == $0.rounded() && $0 < 256 }) {
        return own.map { UInt8(min(Int($0), levels - 1)) }
      }
      let sorted = own.sorted()
      let edges = (1..<levels).map { sorted[min(count - 1, $0 * count / levels)] }
      return own.map { value in UInt8(edges.count { value >= $0 }) }
    }
  }

  /// From counts of states, with the bias of few samples taken off (Miller and Madow).
  func entropy(_ sender: [UInt8], _ receiver: [UInt8]) -> Double {
    let first = max(history, history + delay - 1)
    guard receiver.count > first + 1 else { return .nan }
    let past = Int(pow(Double(levels), Double(history)))
    var joint = [Int32](repeating: 0, count: past * past * levels)
    for t in first..<receiver.count {
      var (own, other) = (0, 0)
      for back in 1...history {
        own = own * levels + Int(receiver[t - back])
        other = other * levels + Int(sender[t - back - delay + 1])
      }
      joint[(own * past + other) * levels + Int(receiver[t])] += 1
    }
    let total = Double(receiver.count - first)
    func entropy(_ counts: some Sequence<Int32>) -> Double {
      var (sum, states) = (0.0, 0)
      for count in counts where count > 0 {
        sum -= Double(count) / total * log2(Double(count) / total)
        states += 1
      }
      return sum + Double(states - 1) / (2 * total * log(2))
    }
    var pasts = [Int32](repeating: 0, count: past * past)
    var ownNext = [Int32](repeating: 0, count: past * levels)
    var ownPast = [Int32](repeating: 0, count: past)
    for (index, count) in joint.enumerated() where count > 0 {
      let (state, next) = (index / levels, index % levels)
      pasts[state] += count
      ownNext[state / past * levels + next] += count
      ownPast[state / past] += count
    }
    return entropy(ownNext) - entropy(ownPast) - entropy(joint) + entropy(pasts)
  }
}
