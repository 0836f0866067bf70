import Foundation
import Support

/// An autoassociative memory (Hopfield, 1982): stored patterns are fixed points that partial or noisy ones fall into.
///
/// The rule takes each neuron's mean activity a out of it (Tsodyks and Feigelman, 1988), which for a half is Hopfield's own:
///
///     J_ij = Σ over patterns (ξ_i - a_i)(ξ_j - a_j) / Σ_k a_k (1 - a_k),  J_ii = 0
///     neuron i fires where Σ_j J_ij (S_j - a_j) > 1/2 - a_i
///
/// ```swift
/// var memory = HopfieldMemory(size: 1000)
/// memory.store(pattern)
/// let whole = memory.recall(noisy, using: &generator).pattern
/// let rest = memory.recall(part, known: known, using: &generator).pattern   // the known neurons are held
/// ```
public struct HopfieldMemory: Sendable {
  public let size: Int
  /// The share of patterns that each neuron is active in.
  public let activities: [Double]
  public private(set) var patternCount = 0
  /// `[N, N]`, symmetric.
  private var weights: [Float]
  private let scale: Float

  /// - Parameter activities: One for each neuron, between 0 and 1.
  public init(activities: [Double]) {
    precondition(
      !activities.isEmpty && activities.allSatisfy { $0 > 0 && $0 < 1 },
      "activities should lie between 0 and 1")
    (size, self.activities) = (activities.count, activities)
    weights = [Float](repeating: 0, count: size * size)
    scale = Float(1 / activities.reduce(0) { $0 + $1 * (1 - $1) })
  }

  public init(size: Int, activity: Double = 0.5) {
    self.init(activities: [Double](repeating: activity, count: size))
  }

  public mutating func store(_ pattern: SDR) {
    precondition(pattern.n == size, "a pattern of \(pattern.n) cells in a memory of \(size)")
    patternCount += 1
    let centred = centred(pattern)
    let (n, scale) = (size, scale)
    weights.withUnsafeMutableBufferPointer { weights in
      centred.withUnsafeBufferPointer { centred in
        for i in 0..<n {
          let row = weights.baseAddress! + i * n
          let own = centred[i] * scale
          for j in 0..<n { row[j] += own * centred[j] }
          row[i] = 0
        }
      }
    }
  }

  private func centred(_ pattern: SDR) -> [Float] {
    var values = activities.map { Float(-$0) }
    for cell in pattern.indices { values[Int(cell)] += 1 }
    return values
  }

  /// What reaches each neuron beyond its threshold: it fires where this is above zero.
  public func fields(at pattern: SDR) -> [Double] { fields(centred(pattern)).map(Double.init) }

  private func fields(_ state: [Float]) -> [Float] {
    let n = size
    var fields = activities.map { Float($0 - 0.5) }
    weights.withUnsafeBufferPointer { weights in
      fields.withUnsafeMutableBufferPointer { fields in
        // Rows are columns, too.
        for j in 0..<n where state[j] != 0 {
          let row = weights.baseAddress! + j * n
          let value = state[j]
          for i in 0..<n { fields[i] += row[i] * value }
        }
      }
    }
    return fields
  }

  /// `-1/2 Σ J_ij x_i x_j + Σ (1/2 - a_i) x_i` with `x = S - a`: no update of a single neuron raises it.
  public func energy(of pattern: SDR) -> Double {
    let state = centred(pattern)
    let fields = fields(state)
    return zip(zip(state, fields), activities).reduce(0) { sum, entry in
      let ((x, field), activity) = entry
      let threshold = 0.5 - activity
      return sum - 0.5 * Double(x) * (Double(field) + threshold) + threshold * Double(x)
    }
  }

  /// What a recall came to.
  public struct Recall: Sendable, Equatable {
    public let pattern: SDR
    /// Times that all neurons were asked.
    public let sweeps: Int
    /// Whether no neuron would change any more.
    public let isStable: Bool
  }

  /// Lets neurons change one by one, in random order, until none does.
  ///
  /// - Parameters:
  ///   - start: Where they begin.
  ///   - known: Neurons whose state is given and held; the others begin unknown, and count nothing until they are asked. If nil all
  ///     states are given, and none is held.
  public func recall(
    _ start: SDR, known: SDR? = nil, sweeps: Int = 50, using generator: inout RandomGenerator
  ) -> Recall {
    precondition(start.n == size && known.map { $0.n == size } ?? true, "patterns of another size")
    var state = centred(start)
    if let known { for neuron in 0..<size where !known.contains(neuron) { state[neuron] = 0 } }
    var fields = fields(state)
    let free = (0..<size).filter { !(known?.contains($0) ?? false) }
    var (sweep, isStable) = (0, false)
    while sweep < sweeps, !isStable {
      isStable = true
      sweep += 1
      for place in generator.permutation(free.count) {
        let neuron = free[place]
        let value = Float((fields[neuron] > 0 ? 1 : 0) - activities[neuron])
        guard value != state[neuron] else { continue }
        isStable = false
        add(value - state[neuron], of: neuron, to: &fields)
        state[neuron] = value
      }
    }
    let active = (0..<size).filter { state[$0] > 0 }
    return Recall(
      pattern: SDR(sortedUnique: active.map(Int32.init), n: size), sweeps: sweep, isStable: isStable)
  }

  private func add(_ change: Float, of neuron: Int, to fields: inout [Float]) {
    let n = size
    weights.withUnsafeBufferPointer { weights in
      fields.withUnsafeMutableBufferPointer { fields in
        let row = weights.baseAddress! + neuron * n
        for i in 0..<n { fields[i] += row[i] * change }
      }
    }
  }
}

extension HopfieldMemory {
  /// The chance that a bit of a stored pattern is wrong after one step, for random patterns of activity 1/2: `erfc(√(N/2(P-1)))/2`.
  public static func errorRate(patterns: Int, size: Int) -> Double {
    patterns < 2 ? 0 : 0.5 * erfc((Double(size) / (2 * Double(patterns - 1))).squareRoot())
  }

  /// The most patterns for a neuron that stay close to fixed points, in the limit of large networks (Amit, Gutfreund and
  /// Sompolinsky, 1985).
  public static let criticalLoad = 0.138
}
