import CTorch
import Support

extension Tensor {
  /// Independent normal numbers.
  public static func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) -> Tensor {
    Torch.need()
    let standard = Tensor(ct_random_normal(shape.int64, Int32(shape.count), type.torchCode, generator.next()))
    return mean == 0 && deviation == 1 ? standard : standard * deviation + mean
  }

  /// Independent uniform numbers of `range`, its upper end excluded.
  public static func uniform(
    _ shape: [Int], in range: ClosedRange<Double> = 0...1, _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) -> Tensor {
    Torch.need()
    let unit = Tensor(ct_random_uniform(shape.int64, Int32(shape.count), type.torchCode, generator.next()))
    return range == 0...1 ? unit : unit * (range.upperBound - range.lowerBound) + range.lowerBound
  }

  /// Independent uniform whole numbers of `range`.
  public static func integers(_ shape: [Int], in range: Range<Int>, using generator: inout RandomGenerator)
    -> Tensor
  {
    Torch.need()
    return Tensor(
      ct_random_integers(
        Int64(range.lowerBound), Int64(range.upperBound), shape.int64, Int32(shape.count), generator.next()))
  }

  /// The numbers `0..<count` in random order.
  public static func permutation(_ count: Int, using generator: inout RandomGenerator) -> Tensor {
    Torch.need()
    return Tensor(ct_random_permutation(Int64(count), generator.next()))
  }

  /// Ones where a coin with this tensor's probability falls on its face, zeros elsewhere.
  public func bernoulli(using generator: inout RandomGenerator) -> Tensor {
    Tensor(ct_bernoulli(raw, generator.next()), #function, self)
  }

  /// Poisson counts of this tensor's rates.
  public func poisson(using generator: inout RandomGenerator) -> Tensor {
    Tensor(ct_poisson(raw, generator.next()), #function, self)
  }

  /// Draws `count` indices of the last axis in proportion to this tensor's weights.
  public func multinomial(_ count: Int, replacement: Bool = true, using generator: inout RandomGenerator)
    -> Tensor
  {
    Tensor(ct_multinomial(raw, Int64(count), replacement ? 1 : 0, generator.next()), #function, self)
  }

  /// Zeroes a share of the elements at random and scales the rest by `1 / (1 - rate)`.
  public func dropout(_ rate: Double, using generator: inout RandomGenerator) -> Tensor {
    guard rate > 0 else { return self }
    let keep = withoutGradients {
      Tensor.full(shape, 1 - rate, elementType, on: device).bernoulli(using: &generator)
    }
    return self * keep / (1 - rate)
  }
}
