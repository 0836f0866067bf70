import StudyCore

/// The studies of circuits of rates: what gains and recurrence do to a population's code.
public enum CircuitStudies {
  public static var all: [AnyStudy] { [AnyStudy(AdaptiveGainControl.self)] }
}
