import Support

/// A module from one tensor to one tensor.
open class Layer: Module {
  open func callAsFunction(_ x: Tensor) -> Tensor { x }
}

/// Layers one after another; their paths are their positions.
public final class Sequential: Layer {
  public let layers: [Layer]

  public init(_ layers: [Layer]) { self.layers = layers }
  public convenience init(_ layers: Layer...) { self.init(layers) }

  public override var keys: [String: String] { ["layers": ""] }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    layers.reduce(x) { $1($0) }
  }
}

/// A function without parameters as a layer.
public final class Activation: Layer {
  private let function: (Tensor) -> Tensor

  public init(_ function: @escaping (Tensor) -> Tensor) { self.function = function }

  public static var relu: Activation { Activation { $0.relu() } }
  public static var tanh: Activation { Activation { $0.tanh() } }
  public static var sigmoid: Activation { Activation { $0.sigmoid() } }
  public static var gelu: Activation { Activation { $0.gelu() } }
  public static var silu: Activation { Activation { $0.silu() } }
  public static var flatten: Activation { Activation { $0.flattened(from: 1) } }
  public static func maxPool(_ kernel: Int) -> Activation { Activation { $0.maxPool(kernel) } }
  public static func averagePool(_ kernel: Int) -> Activation { Activation { $0.averagePool(kernel) } }
  /// Averages each channel over space: `[B, C, …]` -> `[B, C]`.
  public static var globalAverage: Activation { Activation { $0.flattened(from: 2).mean(axis: -1) } }

  public override func callAsFunction(_ x: Tensor) -> Tensor { function(x) }
}

/// Zeroes a share of the elements in training, from a seeded generator of its own.
public final class Dropout: Layer, Stochastic {
  public let rate: Double
  private var generator: RandomGenerator

  public init(_ rate: Double, using generator: inout RandomGenerator) {
    precondition((0..<1).contains(rate), "a dropout rate in 0..<1 is needed, not \(rate)")
    self.rate = rate
    self.generator = RandomGenerator(seed: generator.next())
  }

  public func reseed(_ generator: RandomGenerator) { self.generator = generator }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    isTraining ? x.dropout(rate, using: &generator) : x
  }
}
