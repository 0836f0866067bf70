import Recordings
import Support
import Tensors

/// A residual network for small images with quadratic or conventional neurons: `[B, C, H, W]` -> `[B, classes]`.
///
/// After He et al. (2016) for CIFAR, with every convolution inside the blocks replaced (Fan et al., 2021): a conventional
/// first convolution, three stages of blocks at full, half and quarter resolution, the mean over space, a conventional
/// output layer. Sites of the tap: `stem`, `blocks.0.inner`, `blocks.0.output`, …
///
/// ```swift
/// let network = QResNet(.init(depth: 20), using: &generator)   // 806,266 parameters
/// ```
public final class QResNet: Layer {
  /// How a block's input reaches its output where the shape changes.
  public enum Shortcut: String, Sendable, CaseIterable {
    /// Every second pixel, missing channels zero on both sides: He's option A, without parameters.
    case padded = "A"
    /// A 1×1 convolution with batch normalisation: option B.
    case projection = "B"
  }

  public struct Architecture: Sendable {
    /// Blocks in each stage: the depth is 6·blocks + 2.
    public var blocks: Int
    /// Channels of each stage.
    public var widths: [Int]
    public var inputs: Int
    public var classes: Int
    public var neurons: NeuronChoice
    public var shortcut: Shortcut
    /// Whether every residual branch is multiplied by a trained number that starts at zero (Bachlechner et al., 2021).
    public var reZero: Bool

    /// - Parameter depth: 6n+2 for n blocks a stage: 8, 20, 32, 56, …
    public init(
      depth: Int, widths: [Int] = [16, 32, 64], inputs: Int = 3, classes: Int = 10,
      neurons: NeuronChoice = .quadratic(), shortcut: Shortcut = .padded, reZero: Bool = false
    ) {
      precondition(depth >= 8 && (depth - 2) % 6 == 0, "a depth of 6n+2 is needed, not \(depth)")
      blocks = (depth - 2) / 6
      self.widths = widths
      self.inputs = inputs
      self.classes = classes
      self.neurons = neurons
      self.shortcut = shortcut
      self.reZero = reZero
    }
  }

  public let architecture: Architecture
  public let stem: Convolution
  public let stemNorm: BatchNorm
  public let blocks: [ResidualBlock]
  public let output: Linear

  public init(_ architecture: Architecture, using generator: inout RandomGenerator) {
    self.architecture = architecture
    let widths = architecture.widths
    stem = Convolution(
      architecture.inputs, widths[0], kernel: 3, padding: 1, bias: false, .kaimingNormal(), using: &generator)
    stemNorm = BatchNorm(widths[0])
    var channels = widths[0]
    var blocks: [ResidualBlock] = []
    for (stage, width) in widths.enumerated() {
      for index in 0..<architecture.blocks {
        let stride = stage > 0 && index == 0 ? 2 : 1
        blocks.append(ResidualBlock(channels, width, stride: stride, architecture, using: &generator))
        channels = width
      }
    }
    self.blocks = blocks
    output = Linear(channels, architecture.classes, using: &generator)
  }

  /// A network of quadratic neurons that computes exactly what this conventional one computes, trained or not.
  public func quadratic(_ kind: QuadraticKind = .full) -> QResNet {
    guard case .conventional = architecture.neurons else {
      preconditionFailure("a network of quadratic neurons was to be converted")
    }
    var changed = architecture
    changed.neurons = .quadratic(kind)
    var unused = RandomGenerator(seed: 0)
    let converted = QResNet(changed, using: &unused)
    let state = state.map { name, tensor in
      let steps = name.split(separator: ".")
      let isReplaced = steps.contains("first") || steps.contains("second")
      return (isReplaced ? name.replacing(".weight", with: ".regular.weight") : name, tensor)
    }
    do { try converted.load(state, strict: false) } catch { preconditionFailure("\(error)") }
    return converted
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    var h = tap("stem", stemNorm(stem(x)).relu())
    for (index, block) in blocks.enumerated() { h = block(h, site: "blocks.\(index)") }
    return output(h.mean(axes: [2, 3]))
  }
}

/// Two convolutions with batch normalisation and a way around them.
public final class ResidualBlock: Module {
  public let first: Layer
  public let firstNorm: BatchNorm
  public let second: Layer
  public let secondNorm: BatchNorm
  public let projection: Convolution?
  public let projectionNorm: BatchNorm?
  /// ReZero's factor on the residual branch.
  public let scale: Parameter?
  private let stride: Int
  private let missing: Int

  init(
    _ inputs: Int, _ outputs: Int, stride: Int, _ architecture: QResNet.Architecture,
    using generator: inout RandomGenerator
  ) {
    let neurons = architecture.neurons
    first = neurons.convolution(inputs, outputs, stride: stride, using: &generator)
    firstNorm = BatchNorm(outputs)
    second = neurons.convolution(outputs, outputs, stride: 1, using: &generator)
    secondNorm = BatchNorm(outputs)
    let projects = architecture.shortcut == .projection && (stride != 1 || inputs != outputs)
    projection =
      projects
      ? Convolution(
        inputs, outputs, kernel: 1, stride: stride, bias: false, .kaimingNormal(), using: &generator) : nil
    projectionNorm = projects ? BatchNorm(outputs) : nil
    scale = architecture.reZero ? Parameter(.zeros([1])) : nil
    self.stride = stride
    missing = outputs - inputs
  }

  func callAsFunction(_ x: Tensor, site: @autoclosure () -> String) -> Tensor {
    let inner = tap("\(site()).inner", firstNorm(first(x)).relu())
    var branch = secondNorm(second(inner))
    if let scale { branch = branch * scale.value }
    return tap("\(site()).output", (branch + shortcut(x)).relu())
  }

  private func shortcut(_ x: Tensor) -> Tensor {
    if let projection, let projectionNorm { return projectionNorm(projection(x)) }
    guard stride != 1 || missing != 0 else { return x }
    let pixels = x.narrowed(2, from: 0, to: x.size(2), step: stride).narrowed(
      3, from: 0, to: x.size(3), step: stride)
    return pixels.padded([0, 0, 0, 0, missing / 2, missing - missing / 2])
  }
}
