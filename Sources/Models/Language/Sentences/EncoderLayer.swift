import Foundation
import Support
import Tensors

/// Weight and bias of a layer normalisation.
struct EncoderNorm: @unchecked Sendable {
  let weight, bias: UnsafePointer<Float>
  let width: Int

  init(_ index: SafetensorsIndex, _ path: String, width: Int) throws {
    (weight, bias) = try (
      index.vector("\(path).weight", count: width), index.vector("\(path).bias", count: width)
    )
    self.width = width
  }
}

/// A matrix `[out, in]` with a bias.
struct EncoderProduct: @unchecked Sendable {
  let weight, bias: UnsafePointer<Float>
  let outputs, inputs: Int

  init(_ index: SafetensorsIndex, _ path: String, inputs: Int, outputs expected: Int? = nil) throws {
    let (start, shape) = try index.floats("\(path).weight")
    guard shape.count == 2, shape[1] == inputs, expected == nil || shape[0] == expected,
      inputs % EncoderKernels.lanes == 0, shape[0] % EncoderKernels.lanes == 0
    else {
      throw CajalError(
        "\(index.path): weight '\(path).weight' has shape \(shape), expected [\(expected.map(String.init) ?? "N"), \(inputs)] in multiples of 16"
      )
    }
    (weight, outputs, self.inputs) = (start, shape[0], inputs)
    bias = try index.vector("\(path).bias", count: shape[0])
  }
}

extension SafetensorsIndex {
  fileprivate func vector(_ name: String, count: Int) throws -> UnsafePointer<Float> {
    let (start, shape) = try floats(name)
    guard shape == [count] else {
      throw CajalError("\(path): weight '\(name)' has shape \(shape), expected [\(count)]")
    }
    return start
  }
}

/// Where a sentence's activity lies while it passes through the layers; rows are filled up to a multiple of four tokens.
final class EncoderActivity {
  let tokens, width: Int
  /// `[T, D]`: what goes from layer to layer.
  let stream: UnsafeMutablePointer<Float>
  /// `[T, D]` each.
  let query, key, value, mixed: UnsafeMutablePointer<Float>
  /// `[T, N]`
  let inner: UnsafeMutablePointer<Float>
  /// `[T]`: one query's attention.
  let scores: UnsafeMutablePointer<Float>

  init(tokens: Int, width: Int, inner: Int) {
    (self.tokens, self.width) = (tokens, width)
    let rows = (tokens + 3) / 4 * 4
    func buffer(_ count: Int) -> UnsafeMutablePointer<Float> {
      let start = UnsafeMutablePointer<Float>.allocate(capacity: count)
      start.initialize(repeating: 0, count: count)
      return start
    }
    (stream, query, key, value) = (
      buffer(rows * width), buffer(rows * width), buffer(rows * width), buffer(rows * width)
    )
    (mixed, self.inner, scores) = (buffer(rows * width), buffer(rows * inner), buffer(rows))
  }

  deinit { for buffer in [stream, query, key, value, mixed, inner, scores] { buffer.deallocate() } }

  /// The mean of the tokens' rows, made a unit vector.
  func mean() -> [Float] {
    var sums = [Float](repeating: 0, count: width)
    for token in 0..<tokens { for column in 0..<width { sums[column] += stream[token * width + column] } }
    let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? sums.map { $0 / length } : sums
  }
}

/// One block: attention, then a feed-forward part, each added to the stream and normalised (Devlin et al., 2019).
struct EncoderLayer: Sendable {
  private let query, key, value, mix, up, down: EncoderProduct
  private let attentionNorm, outputNorm: EncoderNorm
  private let heads: Int
  /// Neurons of the feed-forward part.
  var inner: Int { up.outputs }

  init(_ index: SafetensorsIndex, _ path: String, width: Int, heads: Int) throws {
    func square(_ name: String) throws -> EncoderProduct {
      try EncoderProduct(index, "\(path).attention.\(name)", inputs: width, outputs: width)
    }
    (query, key, value) = try (square("self.query"), square("self.key"), square("self.value"))
    mix = try square("output.dense")
    up = try EncoderProduct(index, "\(path).intermediate.dense", inputs: width)
    down = try EncoderProduct(index, "\(path).output.dense", inputs: up.outputs, outputs: width)
    attentionNorm = try EncoderNorm(index, "\(path).attention.output.LayerNorm", width: width)
    outputNorm = try EncoderNorm(index, "\(path).output.LayerNorm", width: width)
    self.heads = heads
  }

  /// Takes the stream one layer further.
  func apply(_ activity: EncoderActivity) {
    let tokens = activity.tokens
    EncoderKernels.multiply(activity.stream, tokens, query, into: activity.query)
    EncoderKernels.multiply(activity.stream, tokens, key, into: activity.key)
    EncoderKernels.multiply(activity.stream, tokens, value, into: activity.value)
    EncoderKernels.attend(activity, heads: heads)
    EncoderKernels.multiply(activity.mixed, tokens, mix, addingTo: activity.stream)
    EncoderKernels.norm(activity.stream, tokens: tokens, attentionNorm)
    EncoderKernels.multiply(activity.stream, tokens, up, into: activity.inner)
    EncoderKernels.gelu(activity.inner, count: tokens * inner)
    EncoderKernels.multiply(activity.inner, tokens, down, addingTo: activity.stream)
    EncoderKernels.norm(activity.stream, tokens: tokens, outputNorm)
  }
}
