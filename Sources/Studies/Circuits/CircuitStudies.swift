import Foundation
import StudyCore

/// The studies of circuits of rates: what gains and recurrence do to a population's code.
public enum CircuitStudies {
  public static var all: [AnyStudy] { [AnyStudy(AdaptiveGainControl.self)] }
}

/// A number with so many places: "0.50".
func fixed(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
