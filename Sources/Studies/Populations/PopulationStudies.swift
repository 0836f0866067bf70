import StudyCore

/// The studies that take recorded populations apart, and compare them.
public enum PopulationStudies {
  public static var all: [AnyStudy] {
    [
      AnyStudy(ConvergentLearning.self),
      AnyStudy(DynamicConnectome.self),
      AnyStudy(FrequencyTaggingStudy.self),
      AnyStudy(SpikeBiclustering.self),
      AnyStudy(WormRecordings.self),
    ]
  }
}
