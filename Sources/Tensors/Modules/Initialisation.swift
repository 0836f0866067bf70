import Support

/// How weights start. `fanIn` is the number of inputs that one output sees.
public enum Initialisation: Sendable {
  /// Uniform within ±1/√fanIn: what PyTorch's linear and convolutional layers do.
  case uniformFanIn
  /// Normal with variance gain²/fanIn (He et al., 2015; gain √2 for ReLU).
  case kaimingNormal(gain: Double = 2.0.squareRoot())
  /// Uniform with variance 2/(fanIn + fanOut) (Glorot and Bengio, 2010).
  case xavierUniform
  case normal(deviation: Double)
  case constant(Double)

  public func tensor(
    _ shape: [Int], fanIn: Int, fanOut: Int, _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) -> Tensor {
    let uniform = { (bound: Double, generator: inout RandomGenerator) in
      Tensor.uniform(shape, in: -bound...bound, type, using: &generator)
    }
    switch self {
    case .uniformFanIn: return uniform(1 / Double(max(fanIn, 1)).squareRoot(), &generator)
    case .xavierUniform: return uniform((6 / Double(fanIn + fanOut)).squareRoot(), &generator)
    case .kaimingNormal(let gain):
      return .normal(shape, deviation: gain / Double(max(fanIn, 1)).squareRoot(), type, using: &generator)
    case .normal(let deviation): return .normal(shape, deviation: deviation, type, using: &generator)
    case .constant(let value): return .full(shape, value, type)
    }
  }
}
