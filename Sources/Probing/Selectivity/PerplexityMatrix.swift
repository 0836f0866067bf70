import Foundation
import Models
import Recordings
import Support
import Tensors

/// How well a model predicts each of several texts: the mean negative log-likelihood of their counted tokens, in nats.
public struct TextLosses: Sendable, Equatable {
  public let label: [Int]
  /// By text; the exponential is its perplexity.
  public let losses: [Double]

  public init(label: [Int], losses: [Double]) {
    precondition(label.count == losses.count, "\(label.count) labels for \(losses.count) losses")
    self.label = label
    self.losses = losses
  }

  /// The mean over the texts of a label: the logarithm of its perplexity.
  public func mean(of label: Int) -> Double {
    let own = zip(self.label, losses).filter { $0.0 == label }.map(\.1)
    return own.reduce(0, +) / Double(own.count)
  }

  /// How much larger than `base` each loss of a label's texts is.
  public func increases(over base: TextLosses, of label: Int) -> [Double] {
    precondition(base.label == self.label, "losses of different texts")
    return losses.indices.filter { self.label[$0] == label }.map { losses[$0] - base.losses[$0] }
  }
}

extension Decoder {
  /// The losses of texts while neurons are silent.
  ///
  /// - Parameter silent: Neurons whose activity at `blocks.l.<site>` is 0 at every position; nil for none.
  public func losses(
    _ texts: [LabelledTokens], silent: NeuronSet? = nil, at site: String = "mlp.gate.active",
    batchTokens: Int = 2_048
  ) -> TextLosses {
    precondition(texts.allSatisfy { $0.counted > 0 }, "a text without a token to predict")
    var losses = [Double](repeating: 0, count: texts.count)
    for group in Decoder.groups(texts.map(\.tokens.count), tokens: batchTokens) {
      let rows = withInstruments(silent?.perturbations(.ablate, at: site) ?? []) {
        logLikelihoods(group.map { texts[$0].tokens }, batchTokens: .max)
      }
      for (index, row) in zip(group, rows) {
        let counted = row.suffix(texts[index].counted)
        losses[index] = -counted.reduce(0, +) / Double(counted.count)
      }
    }
    return TextLosses(label: texts.map(\.label), losses: losses)
  }
}

/// What silencing one set of neurons after the other does to texts of each label: rows are sets, columns labels.
public struct PerplexityMatrix: Sendable, Equatable {
  /// The losses of the untouched model.
  public let base: TextLosses
  /// The losses with each set silent.
  public let rows: [TextLosses]
  public let labels: Int

  public init(base: TextLosses, rows: [TextLosses], labels: Int) {
    self.base = base
    self.rows = rows
    self.labels = labels
  }

  /// `log(perplexity with set x silent / perplexity)` for label y, `[x][y]`, in nats per token.
  ///
  /// Logarithms, as the perplexities of the labels themselves may differ many times.
  public var logIncreases: [[Double]] {
    rows.map { row in (0..<labels).map { row.mean(of: $0) - base.mean(of: $0) } }
  }

  /// `perplexity with set x silent - perplexity` for label y, `[x][y]`, as the paper draws it.
  public var increases: [[Double]] {
    rows.map { row in (0..<labels).map { exp(row.mean(of: $0)) - exp(base.mean(of: $0)) } }
  }

  /// For square matrices whose set x belongs to label x: the increase for its own label, `[x]`.
  public var diagonal: [Double] { logIncreases.enumerated().map { $1[$0] } }

  /// For square matrices: the mean increase for the other labels, `[x]`.
  public var meanOffDiagonal: [Double] {
    logIncreases.enumerated().map { x, row in
      let others = row.indices.filter { $0 != x }.map { row[$0] }
      return others.reduce(0, +) / Double(others.count)
    }
  }
}
