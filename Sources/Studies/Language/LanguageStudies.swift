import StudyCore

/// The studies that open a language model.
public enum LanguageStudies {
  public static var all: [AnyStudy] {
    [
      AnyStudy(CoreNeurons.self), AnyStudy(DragonHatchlingStudy.self), AnyStudy(InductionHeads.self),
      AnyStudy(LanguageNeurons.self),
      AnyStudy(ProjectionDecoding.self),
      AnyStudy(RelationNeurons.self),
    ]
  }
}
