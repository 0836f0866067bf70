import StudyCore

/// The studies of circuits that move a body.
public enum ControlStudies {
  public static var all: [AnyStudy] { [AnyStudy(WormSwimming.self)] }
}
