import Foundation
import Recordings
import Support
import Tensors

/// The activity that made the synapses of one text: from it every synapse can be read at every position.
///
/// σ_t(i, j) = Σ over τ up to t of y(i) at τ, in the layer before, times x(j) at τ turned back by t - τ tokens: what neuron j would read
/// of neuron i at position t.
public struct SynapseTrace: Sendable {
  /// Behind the gate, in the layer before: `[T, n]`.
  public let postsynaptic: Tensor
  /// Before attention: `[T, n]`.
  public let presynaptic: Tensor
  let neuronsPerHead: Int
  let rotation: HatchlingRotation

  /// One synapse over the text, `[T]`; neurons are counted through all heads.
  public func course(_ i: Int, _ j: Int) -> [Double] {
    let y = postsynaptic.narrowed(1, from: i, to: i + 1).doubles
    let first = j / 2 * 2
    let pair = presynaptic.narrowed(1, from: first, to: first + 2).doubles
    let frequency = rotation.frequencies[j % neuronsPerHead / 2]
    // The sum of both members of the pair turns on by a token before each is added to.
    let angle = 2 * Double.pi * frequency
    let (c, s) = (cos(angle), sin(angle))
    var (a, b) = (0.0, 0.0)
    return y.indices.map { t in
      (a, b) = (a * c + b * s, b * c - a * s)
      a += y[t] * pair[2 * t]
      b += y[t] * pair[2 * t + 1]
      return j % 2 == 0 ? a : b
    }
  }

  /// All synapses at the end of the text from the neurons of one head to those of another, `[N, N]`: row i (postsynaptic), column
  /// j.
  public func final(rows: Int, columns: Int) -> Tensor {
    let (length, N) = (presynaptic.size(0), neuronsPerHead)
    let y = postsynaptic.narrowed(1, from: rows * N, to: (rows + 1) * N)
    let x = presynaptic.narrowed(1, from: columns * N, to: (columns + 1) * N).contiguous().cloned()
    x.withUnsafeMutableElements(of: Float.self) { buffer in
      for t in 0..<length {
        let (cosines, sines) = rotation.angles(length - 1 - t)
        let row = buffer.baseAddress! + t * N
        HatchlingRotation.turn(row, row, cosines, sines, pairs: N / 2, direction: -1)
      }
    }
    return y.transposed().matmul(x)
  }
}

extension DragonHatchling {
  /// The activity that makes a layer's synapses, text by text.
  ///
  /// - Parameters:
  ///   - texts: None is empty; run together, so their lengths should be alike.
  ///   - layer: From 1: synapses join the neurons of the layer before to those of this one.
  public func synapseTraces(_ texts: [[Int]], layer: Int) -> [SynapseTrace] {
    precondition(
      (1..<configuration.layers).contains(layer), "synapses of layer \(layer) of \(configuration.layers)")
    let (before, here) = ("blocks.\(layer - 1).mlp", "blocks.\(layer).mlp.gate.active")
    let lengths = texts.map(\.count)
    let longest = lengths.max() ?? 0
    let recorders = [before, here].map { ActivityRecorder(SitePattern($0)) }
    _ = withInstruments(recorders) { withoutGradients { self(Decoder.batch(texts)) } }
    let activity = zip(recorders, [before, here]).map { $0.taken()[$1]! }
    return texts.indices.map { text in
      let rows = activity.map { $0.narrowed(0, from: text * longest, to: text * longest + lengths[text]) }
      return SynapseTrace(
        postsynaptic: rows[0], presynaptic: rows[1], neuronsPerHead: configuration.neuronsPerHead,
        rotation: rotation)
    }
  }

  /// What neuron i of one head sends to neuron j of another through decoder and encoder, `[N, N]`: the interaction
  /// graph G = D_x E of the paper's section 5, as row i, column j.
  public func interactions(from: Int, to: Int, set: Int = 0) -> Tensor {
    let count = configuration.neuronsPerHead
    let sending = decoder[set].value.detached().narrowed(0, from: from * count, to: (from + 1) * count)
    return sending.matmul(encoder[set].value.detached()[to])
  }
}
