import Models
import Recordings
import Support
import Tensors

/// What the neurons of every block do at the tokens of one text.
public struct CoreActivity: Sendable {
  /// By block `[M, N]`, row-major.
  public private(set) var blocks: [[Float]]
  /// N.
  public let neurons: Int

  /// - Parameters:
  ///   - blocks: By block `[M, N]`, row-major.
  ///   - neurons: N.
  public init(blocks: [[Float]], neurons: Int) {
    precondition(blocks.allSatisfy { $0.count % neurons == 0 }, "activity that is no rows of \(neurons)")
    self.blocks = blocks
    self.neurons = neurons
  }

  /// M.
  public var tokens: Int { (blocks.first?.count ?? 0) / neurons }

  /// The activity at some of the tokens.
  public func tokens(_ range: Range<Int>) -> CoreActivity {
    CoreActivity(
      blocks: blocks.map { Array($0[range.lowerBound * neurons..<range.upperBound * neurons]) },
      neurons: neurons)
  }

  /// What neurons are ranked by in every block.
  public func scores(_ selection: CoreSelection) -> [[Double]] {
    parallelMap(blocks.count) { block in
      blocks[block].withUnsafeBufferPointer { selection.scores($0, neurons: neurons).scores }
    }
  }

  /// The core of the text in the blocks that are asked for, all unless given; none in others.
  public func core(_ selection: CoreSelection, in chosen: Range<Int>? = nil) -> NeuronSet {
    let chosen = chosen ?? blocks.indices
    return NeuronSet(
      blocks: parallelMap(blocks.count) { block in
        chosen.contains(block) ? selection.core(blocks[block], neurons: neurons).neurons : []
      })
  }
}

extension CoreActivity {
  /// Runs a text through the laboratory.
  ///
  /// - Parameter site: `mlp` for what neurons pass on; `mlp.up` of a rectified model ranks below zero too.
  public init(of tokens: [Int], in decoder: Models.Decoder, site: String = "mlp") {
    let recorder = ActivityRecorder(SitePattern("blocks.*.\(site)"))
    withoutGradients {
      withInstruments(recorder) { _ = decoder.hidden(Models.Decoder.batch([tokens])) }
    }
    let taken = recorder.taken()
    self.init(
      blocks: (0..<decoder.configuration.blocks).map { taken["blocks.\($0).\(site)"]!.floats },
      neurons: decoder.configuration.neurons)
  }
}

extension CoreActivity {
  /// The residual stream `[D]` behind a block at the last token of a text.
  package static func stream(_ tokens: [Int], block: Int, in decoder: Models.Decoder) -> [Double] {
    let recorder = ActivityRecorder(SitePattern("blocks.\(block).residual"))
    withoutGradients {
      withInstruments(recorder) { _ = decoder.hidden(Models.Decoder.batch([tokens])) }
    }
    let rows = recorder.taken()["blocks.\(block).residual"]!
    return rows[rows.size(0) - 1].doubles
  }
}

/// Gathers the activity of the tokens that pass an inference session.
public final class CoreActivityCollector {
  private var blocks: [[Float]]
  private let neurons: Int

  /// For a model of this shape.
  public init(_ configuration: DecoderConfiguration) {
    blocks = [[Float]](repeating: [], count: configuration.blocks)
    neurons = configuration.neurons
  }

  /// For ``InferenceSession/observer``.
  public func observe(_ activity: InferenceSession.NeuronActivity) {
    let (start, neurons) = (blocks[activity.block].count, neurons)
    blocks[activity.block].append(contentsOf: repeatElement(0, count: activity.tokens * neurons))
    blocks[activity.block].withUnsafeMutableBufferPointer { target in
      for token in 0..<activity.tokens {
        let row = target.baseAddress! + start + token * neurons
        for neuron in 0..<neurons { row[neuron] = activity.value(token: token, neuron: neuron) }
      }
    }
  }

  /// What was gathered; it is forgotten here.
  public func taken() -> CoreActivity {
    defer { for block in blocks.indices { blocks[block] = [] } }
    return CoreActivity(blocks: blocks, neurons: neurons)
  }
}
