import Foundation

/// The factor on the learning rate as a function of the step (or epoch), counted from 0.
public struct Schedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  public init(_ factor: @escaping @Sendable (Int) -> Double) { self.factor = factor }

  public func callAsFunction(_ step: Int) -> Double { factor(step) }

  public static let constant = Schedule { _ in 1 }

  /// Multiplies by `gamma` every `period` steps.
  public static func step(every period: Int, by gamma: Double) -> Schedule {
    Schedule { pow(gamma, Double($0 / period)) }
  }

  /// Multiplies by `gamma` at each of the milestones.
  public static func milestones(_ milestones: [Int], by gamma: Double) -> Schedule {
    Schedule { step in pow(gamma, Double(milestones.filter { $0 <= step }.count)) }
  }

  /// Falls from 1 to `floor` along half a cosine over `total` steps.
  public static func cosine(over total: Int, to floor: Double = 0) -> Schedule {
    Schedule { step in
      floor + (1 - floor) * 0.5 * (1 + cos(.pi * Double(min(step, total)) / Double(total)))
    }
  }

  /// Rises linearly over `steps` steps, then follows `rest`.
  public static func warmUp(_ steps: Int, then rest: Schedule = .constant) -> Schedule {
    Schedule { $0 < steps ? Double($0 + 1) / Double(steps) : rest($0 - steps) }
  }

  /// Rises from `1/start` to 1 over the share `rise` of `total` steps, then falls to `1/(start·end)`, both along half
  /// a cosine (Smith and Topin, 2018; PyTorch's default form).
  public static func oneCycle(
    over total: Int, rise: Double = 0.3, start: Double = 25, end: Double = 1e4
  ) -> Schedule {
    Schedule { step in
      let peak = rise * Double(total) - 1
      let position = Double(min(step, total - 1))
      func between(_ from: Double, _ to: Double, _ share: Double) -> Double {
        to + (from - to) * 0.5 * (1 + cos(.pi * share))
      }
      if position <= peak { return between(1 / start, 1, position / peak) }
      return between(1, 1 / (start * end), (position - peak) / (Double(total - 1) - peak))
    }
  }
}
