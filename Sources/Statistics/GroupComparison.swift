import Foundation

/// Count, mean and variance of a group of measurements.
public struct GroupMoments: Sendable, Equatable {
  public let count: Int
  public let mean: Double
  /// The unbiased estimate; not a number for fewer than two measurements.
  public let variance: Double

  public init(count: Int, mean: Double, variance: Double) {
    self.count = count
    self.mean = mean
    self.variance = variance
  }

  public init(_ values: [Double]) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      count: values.count, mean: mean, variance: values.count > 1 ? squares / Double(values.count - 1) : .nan)
  }
}

/// Two groups of measurements compared: how large the difference of means is, and how sure.
///
/// Effect sizes of groups without any spread are 0 where the means agree and infinite where they do not.
public struct GroupComparison: Sendable, Equatable {
  public let first: GroupMoments
  public let second: GroupMoments

  public init(_ first: GroupMoments, _ second: GroupMoments) {
    self.first = first
    self.second = second
  }

  public init(_ first: [Double], _ second: [Double]) {
    self.init(GroupMoments(first), GroupMoments(second))
  }

  public var difference: Double { first.mean - second.mean }

  private func over(_ deviation: Double) -> Double {
    deviation == 0 && difference == 0 ? 0 : difference / deviation
  }

  /// The difference in pooled standard deviations.
  public var cohensD: Double {
    let (n1, n2) = (Double(first.count), Double(second.count))
    return over((((n1 - 1) * first.variance + (n2 - 1) * second.variance) / (n1 + n2 - 2)).squareRoot())
  }

  /// Cohen's d without its bias in small groups: times `Γ(m/2) / (√(m/2) Γ((m-1)/2))`, m = n₁ + n₂ - 2 (Hedges, 1981).
  public var hedgesG: Double {
    let m = Double(first.count + second.count - 2)
    return cohensD * exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / (m / 2).squareRoot()
  }

  /// d': the difference over the root of the mean variance, whatever the sizes of the groups.
  public var standardisedMargin: Double { over(((first.variance + second.variance) / 2).squareRoot()) }

  /// Welch's t: the difference over its standard error, variances not assumed equal.
  public var welchT: Double {
    over((first.variance / Double(first.count) + second.variance / Double(second.count)).squareRoot())
  }

  /// The degrees of freedom of ``welchT`` (Welch and Satterthwaite).
  public var welchFreedom: Double {
    let (a, b) = (first.variance / Double(first.count), second.variance / Double(second.count))
    return (a + b) * (a + b)
      / (a * a / Double(first.count - 1) + b * b / Double(second.count - 1))
  }

  /// The two-sided p-value of ``welchT``; 1 for equal groups without spread.
  public var welchP: Double {
    if welchT == 0 { return 1 }
    return welchT.isInfinite ? 0 : Distributions.studentTwoSided(welchT, freedom: welchFreedom)
  }
}

extension ActivationStatistics {
  /// Count, mean and variance of a neuron.
  public func moments(_ neuron: Int) -> GroupMoments {
    GroupMoments(count: count, mean: means[neuron], variance: variance(neuron))
  }

  /// Every neuron of these samples compared with the same neuron of others.
  public func compared(with other: ActivationStatistics) -> [GroupComparison] {
    precondition(neurons == other.neurons, "statistics of \(neurons) and \(other.neurons) neurons")
    return (0..<neurons).map { GroupComparison(moments($0), other.moments($0)) }
  }
}
