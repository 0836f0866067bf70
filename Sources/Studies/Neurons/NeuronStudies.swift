import StudyCore

/// The studies of single neurons and what they can do.
public enum NeuronStudies {
  public static var all: [AnyStudy] {
    [
      AnyStudy(HomeostaticNetworks.self), AnyStudy(SDRDendrites.self), AnyStudy(QuadraticNetworks.self),
      AnyStudy(ExpressiveLeakyMemoryStudy.self),
    ]
  }
}
