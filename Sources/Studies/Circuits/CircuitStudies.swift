import Foundation
import StudyCore

/// The studies of circuits of rates: what gains and recurrence do to a population's code.
public enum CircuitStudies {
  public static var all: [AnyStudy] { [AnyStudy(AdaptiveGainControl.self)] }
}

/// A number with so many places: "0.50"; what rounds to 0 has no sign.
func fixed(_ value: Double, _ places: Int) -> String {
  let text = String(format: "%.\(places)f", value)
  return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
}
