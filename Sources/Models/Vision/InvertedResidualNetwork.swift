import Datasets
import Foundation
import Recordings
import Support
import Tensors

/// A convolutional network of inverted residuals, trained on ImageNet: MobileNetV2 (Sandler and others, 2018) and EfficientNet-Lite
/// (Google, 2020), for inference, every layer tapped.
///
/// Sites, of images `[B, 3, H, W]`: `stem` `[B, 32, H/2, W/2]`; `blocks.k` `[B, C, …]`, what block k hands on; `head`
/// `[B, 1280, …]`; `pooled` `[B, 1280]`, its mean over places; `logits` `[B, 1000]`. Normalisation is folded into the convolutions.
public final class InvertedResidualNetwork: @unchecked Sendable {
  /// How convolutions see beyond the edge of a map.
  enum Padding { case symmetric, same }

  /// A convolution with its normalisation folded in.
  private struct Folded {
    let weight, bias: Tensor
    let stride: Int
    let groups: Int
    let padding: Padding

    func callAsFunction(_ x: Tensor) -> Tensor {
      let kernel = weight.size(2)
      switch padding {
      case .symmetric:
        return x.convolution(
          weight, bias, ConvolutionShape(stride: stride, padding: kernel / 2, groups: groups))
      case .same:
        // As TensorFlow pads: what is left over goes to the right and to the bottom.
        func sides(_ extent: Int) -> [Int] {
          let total = max(((extent + stride - 1) / stride - 1) * stride + kernel - extent, 0)
          return [total / 2, total - total / 2]
        }
        let padded = x.padded(sides(x.size(3)) + sides(x.size(2)))
        return padded.convolution(weight, bias, ConvolutionShape(stride: stride, padding: 0, groups: groups))
      }
    }
  }

  private struct Block {
    let expand: Folded?
    let depthwise, project: Folded
    let isResidual: Bool

    func callAsFunction(_ x: Tensor) -> Tensor {
      let wide = expand.map { $0(x).relu6() } ?? x
      let narrow = project(depthwise(wide).relu6())
      return isResidual ? x + narrow : narrow
    }
  }

  private let stem, head: Folded
  private let blocks: [Block]
  private let classifier: (weight: Tensor, bias: Tensor)
  /// What pixels in 0…1 are made of: `(x - mean) / deviation`, by channel.
  private let mean, deviation: [Double]

  /// How many blocks there are.
  public var blockCount: Int { blocks.count }

  /// Logits `[B, 1000]` of normalised images `[B, 3, H, W]`.
  public func callAsFunction(_ images: Tensor) -> Tensor {
    withoutGradients {
      var x = tap("stem", stem(images).relu6())
      for (index, block) in blocks.enumerated() { x = tap("blocks.\(index)", block(x)) }
      x = tap("head", head(x).relu6())
      let pooled = tap("pooled", x.flattened(from: 2).mean(axis: -1))
      return tap("logits", pooled.linear(classifier.weight, classifier.bias))
    }
  }

  /// Images `[B, 3, H, W]` of pixels in 0…1, as the network was trained on.
  public func normalised(_ images: Tensor) -> Tensor {
    let shape = [1, 3, 1, 1]
    return (images - Tensor(mean, shape: shape, as: .float32)) / Tensor(deviation, shape: shape, as: .float32)
  }

  // MARK: Weights

  /// Kernel, stride of the first, channels, expansion and number of the blocks of a stage.
  typealias Stage = (repeats: Int, kernel: Int, stride: Int, channels: Int, expansion: Int)

  /// What a family calls its weights.
  struct Names {
    let stem, head: (convolution: String, norm: String)
    /// Of block k: expansion if it has one, depthwise convolution, projection.
    let block: (_ index: Int, _ expands: Bool) -> [(convolution: String, norm: String)]
    let classifier: String
  }

  init(
    _ stages: [Stage], _ names: Names, padding: Padding, epsilon: Double, mean: [Double], deviation: [Double],
    weights: NamedTensors, source: String
  ) throws {
    let known = Dictionary(weights.map { ($0.name, $0.tensor) }) { first, _ in first }
    func weight(_ name: String) throws -> Tensor {
      guard let found = known[name] else { throw CajalError("\(source) has no weight '\(name)'") }
      return found.to(.float32)
    }
    func folded(_ name: (convolution: String, norm: String), _ stride: Int = 1, groups: Int = 1) throws
      -> Folded
    {
      let kernel = try weight("\(name.convolution).weight")
      let scale = try weight("\(name.norm).weight") / (weight("\(name.norm).running_var") + epsilon).sqrt()
      guard kernel.rank == 4, kernel.size(0) == scale.count, kernel.size(0) % groups == 0 else {
        throw CajalError(
          "\(source): '\(name.convolution)' is \(kernel.shape) for a norm of \(scale.count) channels")
      }
      let bias = try weight("\(name.norm).bias") - weight("\(name.norm).running_mean") * scale
      return Folded(
        weight: (kernel * scale.reshaped(-1, 1, 1, 1)).contiguous(), bias: bias, stride: stride,
        groups: groups,
        padding: padding)
    }
    (self.mean, self.deviation) = (mean, deviation)
    stem = try folded(names.stem, 2)
    var (blocks, inputs): ([Block], Int) = ([], 32)
    for stage in stages {
      for place in 0..<stage.repeats {
        let stride = place == 0 ? stage.stride : 1
        let parts = names.block(blocks.count, stage.expansion > 1)
        blocks.append(
          Block(
            expand: stage.expansion > 1 ? try folded(parts[0]) : nil,
            depthwise: try folded(parts[parts.count - 2], stride, groups: inputs * stage.expansion),
            project: try folded(parts[parts.count - 1]),
            isResidual: stride == 1 && inputs == stage.channels))
        inputs = stage.channels
      }
    }
    self.blocks = blocks
    head = try folded(names.head)
    classifier = (try weight("\(names.classifier).weight"), try weight("\(names.classifier).bias"))
  }
}
