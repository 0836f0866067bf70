import StudyCore

/// The studies that train spiking networks.
public enum SpikingStudies {
  public static var all: [AnyStudy] {
    [
      AnyStudy(HebbianOrthogonalProjection.self), AnyStudy(HeterogeneousDelays.self),
      AnyStudy(LearnedDelays.self),
    ]
  }
}
