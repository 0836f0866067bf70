import Foundation
import Support

/// An associative memory of binary synapses (Willshaw, Buneman and Longuet-Higgins, 1969): a synapse is there once its two neurons
/// were active together, and stays.
///
/// ```swift
/// var memory = WillshawMemory(inputs: 1000, outputs: 1000)
/// memory.store(SDR.random(n: 1000, a: 10, using: &generator), with: target)
/// memory.recall(cue)                       // outputs that all active inputs reach
/// memory.recall(fragment, threshold: 1)    // outputs that any of them reaches
/// ```
public struct WillshawMemory: Sendable {
  public let inputs, outputs: Int
  public private(set) var pairCount = 0
  /// A row of bits for each output: which inputs reach it.
  private var rows: [UInt64]
  private let wordsPerRow: Int

  public init(inputs: Int, outputs: Int) {
    precondition(inputs > 0 && outputs > 0, "a memory of \(inputs) inputs and \(outputs) outputs")
    (self.inputs, self.outputs) = (inputs, outputs)
    wordsPerRow = (inputs + 63) / 64
    rows = [UInt64](repeating: 0, count: outputs * wordsPerRow)
  }

  /// Stores a pair; nothing is ever taken away.
  public mutating func store(_ input: SDR, with output: SDR) {
    precondition(
      input.n == inputs && output.n == outputs,
      "a pair of \(input.n) and \(output.n) cells in a memory of \(inputs) and \(outputs)")
    pairCount += 1
    for cell in output.indices {
      for word in 0..<wordsPerRow { rows[Int(cell) * wordsPerRow + word] |= input.words[word] }
    }
  }

  /// How many active inputs reach each output.
  public func sums(_ input: SDR) -> [Int] {
    precondition(input.n == inputs, "\(input.n) cells for a memory of \(inputs) inputs")
    return (0..<outputs).map { output in
      (0..<wordsPerRow).reduce(0) {
        $0 + (rows[output * wordsPerRow + $1] & input.words[$1]).nonzeroBitCount
      }
    }
  }

  /// The outputs that at least `threshold` active inputs reach: all of them if nil, which is Willshaw's rule.
  public func recall(_ input: SDR, threshold: Int? = nil) -> SDR {
    let threshold = max(1, threshold ?? input.activeCount)
    let sums = sums(input)
    return SDR(
      sortedUnique: sums.indices.filter { sums[$0] >= threshold }.map(Int32.init), n: outputs)
  }

  /// The share of synapses that are there.
  public var load: Double {
    Double(rows.reduce(0) { $0 + $1.nonzeroBitCount }) / Double(inputs * outputs)
  }
}

extension WillshawMemory {
  /// The load that so many random pairs leave: `1 - (1 - k l / (n m))^M`, with k of n inputs and l of m outputs active.
  public static func expectedLoad(
    pairs: Int, inputs: Int, activeInputs: Int, outputs: Int, activeOutputs: Int
  ) -> Double {
    let chance = Double(activeInputs) * Double(activeOutputs) / (Double(inputs) * Double(outputs))
    return -expm1(Double(pairs) * log1p(-chance))
  }

  /// The same chance over random pairs: outputs that were active in more of them have a higher load, and the mean of `p^k` over
  /// outputs lies above that of the mean load (unit usage: Buckingham and Willshaw, 1992).
  public static func expectedFalsePositiveRate(
    pairs: Int, inputs: Int, activeInputs: Int, outputs: Int, activeOutputs: Int
  ) -> Double {
    let share = Double(activeOutputs) / Double(outputs)
    let silent = log1p(-Double(activeInputs) / Double(inputs))
    // How many pairs an output was active in is binomial.
    return (0...pairs).reduce(0.0) { sum, active in
      let (m, rest) = (Double(active), Double(pairs - active))
      let binomial = lgamma(Double(pairs) + 1) - lgamma(m + 1) - lgamma(rest + 1)
      let chance = exp(binomial + m * log(share) + rest * log1p(-share))
      return sum + chance * falsePositiveRate(load: -expm1(m * silent), activeInputs: activeInputs)
    }
  }

  /// The chance that an output that should be silent fires all the same: `p^k`, for a load p and k active inputs.
  public static func falsePositiveRate(load: Double, activeInputs: Int) -> Double {
    pow(load, Double(activeInputs))
  }

  /// The pairs after which, on average, one false output comes with each recall.
  public static func capacity(inputs: Int, activeInputs: Int, outputs: Int, activeOutputs: Int) -> Double {
    let load = pow(1 / Double(max(1, outputs - activeOutputs)), 1 / Double(activeInputs))
    let chance = Double(activeInputs) * Double(activeOutputs) / (Double(inputs) * Double(outputs))
    return log1p(-load) / log1p(-chance)
  }
}
