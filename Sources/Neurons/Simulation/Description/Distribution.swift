import Foundation
import Support

/// What values are drawn from, one for each neuron or synapse.
public enum Distribution: Sendable, Equatable {
  case constant(Double)
  case uniform(Double, Double)
  /// Normal; values outside of the bounds are drawn again.
  case normal(mean: Double, deviation: Double, within: ClosedRange<Double>)
  /// The exponential of a normal number: the median and the deviation of the logarithm.
  case logNormal(median: Double, spread: Double)
  /// Given one by one, in order of neurons, or of synapses by source and then target.
  case values([Double])

  /// The one value, if all are the same.
  var constant: Double? { if case .constant(let value) = self { value } else { nil } }

  /// The least and the largest value that can come out; nil where there is no bound.
  var bounds: (least: Double?, largest: Double?) {
    switch self {
    case .constant(let value): (value, value)
    case .uniform(let a, let b): (min(a, b), max(a, b))
    case .normal(_, _, let within):
      (
        within.lowerBound == -.infinity ? nil : within.lowerBound,
        within.upperBound == .infinity ? nil : within.upperBound
      )
    case .logNormal: (0, nil)
    case .values(let values): (values.min(), values.max())
    }
  }

  /// The value of the element `index`.
  @inline(__always)
  func draw(_ index: Int, using generator: inout RandomGenerator) -> Double {
    switch self {
    case .constant(let value): return value
    case .uniform(let a, let b): return a + (b - a) * generator.uniform()
    case .normal(let mean, let deviation, let within):
      while true {
        let value = mean + deviation * generator.normal()
        if within.contains(value) { return value }
      }
    case .logNormal(let median, let spread): return median * exp(spread * generator.normal())
    case .values(let values): return values[index]
    }
  }

  /// - Throws: `CajalError` beginning with `what` when nothing could be drawn.
  func validate(_ what: String, count: Int?) throws {
    switch self {
    case .constant(let value):
      guard value.isFinite else { throw CajalError("\(what) is \(value)") }
    case .uniform(let a, let b):
      guard a.isFinite, b.isFinite else { throw CajalError("\(what) is uniform between \(a) and \(b)") }
    case .normal(let mean, let deviation, let within):
      // Drawing again must come to an end.
      guard mean.isFinite, deviation >= 0, deviation.isFinite,
        within.contains(mean) || (deviation > 0 && within.upperBound - within.lowerBound > deviation / 10)
      else {
        throw CajalError("\(what) is normal with mean \(mean) and deviation \(deviation) within \(within)")
      }
    case .logNormal(let median, let spread):
      guard median > 0, median.isFinite, spread >= 0, spread.isFinite else {
        throw CajalError("\(what) is log-normal with median \(median) and spread \(spread)")
      }
    case .values(let values):
      if let wrong = values.firstIndex(where: { !$0.isFinite }) {
        throw CajalError("\(what) number \(wrong) is \(values[wrong])")
      }
      if let count, values.count != count {
        throw CajalError("\(what): \(values.count) values are given for \(count)")
      }
    }
  }
}

/// A quantity, or what quantities are drawn from.
public protocol QuantitySource<Dimension> {
  associatedtype Dimension: PhysicalDimension
  /// In the unit of the dimension.
  var distribution: Distribution { get }
}

extension Quantity: QuantitySource {
  public var distribution: Distribution { .constant(value) }
}

/// A distribution of quantities: `.uniform(-60.mV, -50.mV)`.
public struct Random<Dimension: PhysicalDimension>: QuantitySource, Sendable, Equatable {
  public let distribution: Distribution

  public static func constant(_ value: Quantity<Dimension>) -> Self { Self(.constant(value.value)) }
  /// Normal; values below `least` or above `most` are drawn again.
  public static func normal(
    mean: Quantity<Dimension>, deviation: Quantity<Dimension>, least: Quantity<Dimension>? = nil,
    most: Quantity<Dimension>? = nil
  ) -> Self {
    let (low, high) = (least?.value ?? -.infinity, most?.value ?? .infinity)
    precondition(low <= high, "a normal distribution between \(low) and \(high)")
    return Self(.normal(mean: mean.value, deviation: deviation.value, within: low...high))
  }
  public static func logNormal(median: Quantity<Dimension>, spread: Double) -> Self {
    Self(.logNormal(median: median.value, spread: spread))
  }
  /// Given one by one.
  public static func values(_ values: [Double]) -> Self { Self(.values(values)) }

  public init(_ distribution: Distribution) { self.distribution = distribution }
}

extension QuantitySource {
  /// Where only a source is asked for: `delay: .uniform(1.ms, 2.ms)`.
  public static func uniform<D>(_ a: Quantity<D>, _ b: Quantity<D>) -> Random<D> where Self == Random<D> {
    Random(.uniform(a.value, b.value))
  }
}
