import Recordings
import Statistics
import Support
import Tensors

/// Counts on how many tokens every neuron is active, for each label and site, while texts pass a model.
///
/// Active is what exceeds the threshold: at `mlp.gate` above 0, say, as silu has the sign of its argument. Each text tells
/// its label and the positions that count: not the first one, which attracts attention whatever stands there, not
/// padding, and, where a prompt is answered, the answer alone.
///
/// ```swift
/// let counter = ActivationCounter(labels: 2, blocks: 30, neurons: 1536, at: "mlp.gate")
/// let texts = [ActivationCounter.Text(label: 0, length: 120), .init(label: 1, length: 98)]
/// _ = counter.counting(texts) { decoder.hidden(tokens) }  // [2, 120]
/// let probabilities = counter.probabilities                // [L, N, K]
/// ```
public final class ActivationCounter: Instrument {
  /// A text of a batch: what it is an example of, and which of its positions count.
  public struct Text: Sendable, Equatable {
    public var label: Int
    public var span: Range<Int>

    public init(label: Int, span: Range<Int>) {
      self.label = label
      self.span = span
    }

    /// - Parameters:
    ///   - length: Tokens without padding.
    ///   - prompt: How many of them come before the answer.
    ///   - countsFirst: Whether position 0 counts.
    public init(label: Int, length: Int, prompt: Int = 0, countsFirst: Bool = false) {
      precondition(0 <= prompt && prompt <= length, "a prompt of \(prompt) in \(length) tokens")
      let start = Swift.min(length, Swift.max(prompt, countsFirst ? 0 : 1))
      self.init(label: label, span: start..<length)
    }
  }

  public let sites: SitePattern
  /// The names of the sites, in the order of the layers.
  public let layers: [String]
  public let labels: Int
  public let neurons: Int
  public let threshold: Float
  /// Counted tokens of each label.
  public private(set) var tokens: [Int64]
  /// Active tokens by label, layer and neuron.
  private var counts: [Int64]
  private let order: [String: Int]
  private var batch: [Text] = []

  /// - Parameter layers: The names of the sites, all with `neurons` neurons along the last axis of `[B, T, N]`.
  public init(labels: Int, layers: [String], neurons: Int, sites: SitePattern = "**", threshold: Float = 0) {
    precondition(
      labels > 0 && neurons > 0 && !layers.isEmpty, "\(labels) labels, \(layers.count) x \(neurons) neurons")
    self.labels = labels
    self.layers = layers
    self.neurons = neurons
    self.sites = sites
    self.threshold = threshold
    order = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
    tokens = Array(repeating: 0, count: labels)
    counts = Array(repeating: 0, count: labels * layers.count * neurons)
  }

  /// At `blocks.l.<site>` of a decoder.
  public convenience init(
    labels: Int, blocks: Int, neurons: Int, at site: String = "mlp.gate", threshold: Float = 0
  ) {
    self.init(
      labels: labels, layers: (0..<blocks).map { "blocks.\($0).\(site)" }, neurons: neurons,
      sites: SitePattern("blocks.*.\(site)"), threshold: threshold)
  }

  /// Runs a model on a batch of these texts and counts what passes the sites.
  public func counting<Result>(_ texts: [Text], _ body: () throws -> Result) rethrows -> Result {
    precondition(texts.allSatisfy { (0..<labels).contains($0.label) }, "a label beyond \(labels)")
    batch = texts
    defer { batch = [] }
    let result = try withInstruments(self, body: body)
    for text in texts { tokens[text.label] += Int64(text.span.count) }
    return result
  }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    guard let layer = order[site], !batch.isEmpty else { return activity }
    precondition(
      activity.rank == 3 && activity.size(0) == batch.count && activity.size(2) == neurons,
      "activity \(activity.shape) at '\(site)' for \(batch.count) texts and \(neurons) neurons")
    let length = activity.size(1)
    withoutGradients { activity.detached().to(.float32).to(.cpu).contiguous() }.withUnsafeElements {
      (values: UnsafeBufferPointer<Float>) in
      for (row, text) in batch.enumerated() {
        precondition(text.span.upperBound <= length, "positions \(text.span) of \(length) at '\(site)'")
        let start = values.baseAddress! + (row * length + text.span.lowerBound) * neurons
        count(start, text.span.count, label: text.label, layer: layer)
      }
    }
    return activity
  }

  /// Counts recorded activity `[S, N]` of one layer; ``tokens`` grow with the first layer alone.
  public func add(_ samples: Tensor, label: [Int], layer: Int = 0) {
    precondition(
      samples.rank == 2 && samples.size(0) == label.count && samples.size(1) == neurons,
      "samples \(samples.shape) with \(label.count) labels for \(neurons) neurons")
    let positions = SampleGroups(label, labels).positions
    samples.detached().to(.float32).to(.cpu).contiguous().withUnsafeElements {
      (values: UnsafeBufferPointer<Float>) in
      for (label, rows) in positions.enumerated() {
        if layer == 0 { tokens[label] += Int64(rows.count) }
        for row in rows { count(values.baseAddress! + row * neurons, 1, label: label, layer: layer) }
      }
    }
  }

  private func count(_ start: UnsafePointer<Float>, _ rows: Int, label: Int, layer: Int) {
    let (neurons, threshold) = (neurons, threshold)
    let offset = (label * layers.count + layer) * neurons
    counts.withUnsafeMutableBufferPointer { counts in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: neurons) { sums in
        sums.initialize(repeating: 0)
        for row in 0..<rows {
          let x = start + row * neurons
          for n in 0..<neurons { sums[n] &+= x[n] > threshold ? 1 : 0 }
        }
        for n in 0..<neurons { counts[offset + n] += Int64(sums[n]) }
      }
    }
  }

  /// On how many tokens of a label the neurons `[N]` of a layer were active.
  public func count(label: Int, layer: Int) -> [Int64] {
    let offset = (label * layers.count + layer) * neurons
    return Array(counts[offset..<offset + neurons])
  }

  /// Adds what another counter of the same layers has seen.
  public func merge(_ other: ActivationCounter) {
    precondition(
      other.layers == layers && other.labels == labels && other.neurons == neurons
        && other.threshold == threshold,
      "counters of different layers, labels, neurons or thresholds")
    for i in counts.indices { counts[i] += other.counts[i] }
    for i in tokens.indices { tokens[i] += other.tokens[i] }
  }

  /// Active tokens over tokens, `[L, N, K]`; 0 for a label without tokens.
  public var probabilities: ActivationProbabilities {
    var values = [Double](repeating: 0, count: counts.count)
    let all = layers.count * neurons
    for label in 0..<labels {
      let total = Double(Swift.max(tokens[label], 1))
      for n in 0..<all { values[n * labels + label] = Double(counts[label * all + n]) / total }
    }
    return ActivationProbabilities(values, layers: layers.count, neurons: neurons, labels: labels)
  }
}
