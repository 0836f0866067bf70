import Recordings
import Support
import Tensors

/// Lets only core neurons act from a position on: a dense prompt and its sparse continuation in one pass.
///
/// No position of a causal model sees later ones, so that this is the same as decoding with kept keys and values.
public final class CoreMask: Instrument {
  public let sites: SitePattern
  private let start: Int
  private let keeps: Keeps

  private enum Keeps {
    /// `[B, 1, N]` by site.
    case fixed([String: Tensor])
    /// The share of neurons that each position keeps, those of the largest size; and the sites.
    case largest(Double, Set<String>)
  }

  /// - Parameters:
  ///   - cores: The neurons that act, for each text of the batch.
  ///   - neurons: N.
  ///   - blocks: The blocks that are sparse; the others stay whole.
  ///   - start: The first position that is sparse.
  public init(_ cores: [NeuronSet], neurons: Int, blocks: Range<Int>, from start: Int, site: String = "mlp") {
    sites = SitePattern("blocks.*.\(site)")
    self.start = start
    keeps = .fixed(
      Dictionary(
        uniqueKeysWithValues: blocks.map { block in
          var mask = [Float](repeating: 0, count: cores.count * neurons)
          for (row, core) in cores.enumerated() {
            for neuron in core.blocks[block] { mask[row * neurons + neuron] = 1 }
          }
          return ("blocks.\(block).\(site)", Tensor(mask, shape: [cores.count, 1, neurons]))
        }))
  }

  /// Keeps the largest neurons of every position by itself: what a perfect predictor of every token could do.
  public init(largest share: Double, blocks: Range<Int>, from start: Int, site: String = "mlp") {
    sites = SitePattern("blocks.*.\(site)")
    self.start = start
    keeps = .largest(share, Set(blocks.map { "blocks.\($0).\(site)" }))
  }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let length = activity.size(1)
    guard start < length else { return activity }
    let late = activity.narrowed(1, from: start, to: length)
    let masked: Tensor
    switch keeps {
    case .fixed(let masks):
      guard let mask = masks[site] else { return activity }
      masked = late * mask
    case .largest(let share, let sites):
      guard sites.contains(site) else { return activity }
      let sizes = late.abs()
      let kept = max(1, Int(share * Double(activity.size(-1))))
      let least = sizes.topK(kept).values.min(axes: [-1], keep: true)
      masked = late * (sizes .>= least).to(.float32)
    }
    guard start > 0 else { return masked }
    return .concatenated([activity.narrowed(1, from: 0, to: start), masked], axis: 1)
  }
}
