import Support
import Tensors

/// How many directions a network's function can move in: the generic rank of its Jacobian.
///
/// The dimension of the closure of the set of functions that a polynomial network can be (Fan et al., 2021, theorem 2)
/// equals the rank of the derivatives of its outputs at many inputs with respect to its parameters, at a generic point.
public struct FunctionalDimension: Sendable, Equatable {
  public var parameters: Int
  public var rank: Int
  /// The last counted singular value over the first that is not; infinite at full rank.
  public var gap: Double
  /// Whether a second draw of parameters and inputs gave the same rank and both gaps are wide.
  public var isReliable: Bool

  /// The relative size below which a singular value counts as zero.
  static let cut = 1e-9
  /// The least gap of a rank that is believed.
  static let leastGap = 1e6

  /// Measures a network of double-precision layers.
  ///
  /// - Parameters:
  ///   - inputs: The width of the input `[B, inputs]`.
  ///   - make: Builds the network; its parameters are replaced by random ones.
  public static func measure(
    inputs: Int, using generator: RandomGenerator, _ make: (inout RandomGenerator) -> Layer
  ) -> FunctionalDimension {
    let draws = (0..<2).map { index in
      var own = generator.split(index)
      let network = make(&own)
      return (network.parameterCount, rank(of: network, inputs, using: &own))
    }
    let (count, first) = draws[0]
    let second = draws[1].1
    return FunctionalDimension(
      parameters: count, rank: first.rank, gap: min(first.gap, second.gap),
      isReliable: first.rank == second.rank && min(first.gap, second.gap) >= leastGap)
  }

  /// The dimension of all polynomials of a degree in so many variables.
  public static func polynomials(variables: Int, degree: Int) -> Int {
    // C(variables + degree, degree), exact at every step.
    (1...variables).reduce(1) { $0 * (degree + $1) / $1 }
  }

  private static func rank(of network: Layer, _ inputs: Int, using generator: inout RandomGenerator) -> (
    rank: Int, gap: Double
  ) {
    let parameters = network.parameters.map(\.parameter)
    for parameter in parameters {
      parameter.value = Tensor.normal(parameter.value.shape, .float64, using: &generator)
    }
    let count = parameters.reduce(0) { $0 + $1.value.count }
    let x = Tensor.normal([2 * count + 20, inputs], .float64, using: &generator)
    let jacobian = jacobian(of: network(x).flattened(), parameters.map(\.value))
    let lengths = jacobian.norm(axes: [0], keep: true).clamped(atLeast: .leastNormalMagnitude)
    let singular = (jacobian / lengths).svd().s.doubles
    let rank = singular.filter { $0 > cut * singular[0] }.count
    let next = rank < singular.count ? singular[rank] : 0
    return (rank, next == 0 ? .infinity : singular[rank - 1] / next)
  }

  /// One row for each output, one column for each parameter.
  private static func jacobian(of outputs: Tensor, _ parameters: [Tensor]) -> Tensor {
    Tensor.stacked(
      (0..<outputs.count).map { index in
        let gradients = outputs[index].gradients(to: parameters, keepingGraph: true)
        return Tensor.concatenated(gradients.map { $0.flattened() })
      })
  }
}

extension FunctionalDimension {
  /// The polynomial networks that theorem 2 compares.
  public enum Family: String, Sendable, CaseIterable {
    /// Conventional neurons with the activation function h².
    case squareActivation
    /// Quadratic neurons without activation function.
    case quadratic
  }

  /// Measures the network of a family with these widths, the last layer affine.
  public static func measure(_ family: Family, _ widths: [Int], using generator: RandomGenerator)
    -> FunctionalDimension
  {
    measure(inputs: widths[0], using: generator) { generator in
      switch family {
      case .squareActivation:
        DenseNetwork(
          widths, .conventional(.constant(0)), .float64, activation: { $0.square() }, using: &generator)
      case .quadratic:
        DenseNetwork(
          widths, .quadratic(.full, .reLinear(.constant(0))), .float64, activation: { $0 }, using: &generator)
      }
    }
  }
}
