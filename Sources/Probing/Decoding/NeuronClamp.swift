import Models
import Recordings
import Support
import Tensors

/// A neuron held at a value, at every position of a text.
public struct NeuronClamp: Sendable, Equatable {
  /// Where in the neuron: its linear part before the product with the gate, or the product, which its output weights read.
  public enum Place: String, Sendable, Codable, CaseIterable {
    case up, inner

    /// The site within a block.
    var site: String { self == .up ? "mlp.up" : "mlp" }
  }

  public var place: Place
  public var neuron: NeuronDecoder.Neuron
  public var value: Double

  public init(_ place: Place, _ neuron: NeuronDecoder.Neuron, _ value: Double) {
    (self.place, self.neuron, self.value) = (place, neuron, value)
  }

  /// For `withInstruments`: the clamp in all texts of a batch.
  public var instrument: Perturbation {
    Perturbation(
      .clamp(value), at: SitePattern("blocks.\(neuron.block).\(place.site)"), neurons: [neuron.neuron])
  }
}

/// A text, and what is clamped while the model reads it.
public struct ClampTrial: Sendable, Equatable {
  public var prompt: [Int]
  public var clamps: [NeuronClamp]

  public init(_ prompt: [Int], _ clamps: [NeuronClamp] = []) { (self.prompt, self.clamps) = (prompt, clamps) }
}

/// Clamps of its own for each text of a batch.
private final class TextClamps: Instrument {
  let sites: SitePattern
  private let place: NeuronClamp.Place
  /// By block: text, neuron, value.
  private var clamps: [String: [(text: Int, neuron: Int, value: Float)]] = [:]

  init(_ place: NeuronClamp.Place, _ trials: [ClampTrial]) {
    self.place = place
    sites = SitePattern("blocks.*.\(place.site)")
    for (text, trial) in trials.enumerated() {
      for clamp in trial.clamps where clamp.place == place {
        clamps["blocks.\(clamp.neuron.block).\(place.site)", default: []].append(
          (text, clamp.neuron.neuron, Float(clamp.value)))
      }
    }
  }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    guard let entries = clamps[site] else { return activity }
    let changed = activity.detached().contiguous().cloned()
    let (length, neurons) = (activity.size(1), activity.size(2))
    changed.withUnsafeMutableElements(of: Float.self) { values in
      for entry in entries {
        precondition(entry.neuron < neurons, "neuron \(entry.neuron) of \(neurons) at '\(site)'")
        for position in 0..<length {
          values[(entry.text * length + position) * neurons + entry.neuron] = entry.value
        }
      }
    }
    return changed
  }
}

extension Decoder {
  /// The logits `[S, V]` that follow each text while its own clamps hold, in the order given; trials of similar length share a batch.
  public func clampedLogits(
    _ trials: [ClampTrial], tokensPerBatch: Int = 512, afterBatch: (Int) throws -> Void = { _ in }
  ) rethrows -> Tensor {
    var rows = [Tensor?](repeating: nil, count: trials.count)
    var done = 0
    for batch in Decoder.groups(trials.map(\.prompt.count), tokens: tokensPerBatch) {
      let chosen = batch.map { trials[$0] }
      let logits = withoutGradients {
        withInstruments(TextClamps(.up, chosen), TextClamps(.inner, chosen)) {
          lastLogits(chosen.map(\.prompt))
        }
      }
      for (row, index) in batch.enumerated() { rows[index] = logits[row] }
      done += batch.count
      try afterBatch(done)
    }
    return Tensor.stacked(rows.map { $0! })
  }
}
