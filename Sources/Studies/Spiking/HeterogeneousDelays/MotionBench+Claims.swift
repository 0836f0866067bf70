import StudyCore

extension MotionBench {
  /// Trainings of fewer steps cannot show that motion is not learnt.
  static let enoughSteps = 1000

  /// A claim decided by `holds`; or, if it fails after a training too short to learn, not testable.
  func decided(
    _ id: String, _ statement: String, paper: String, test: String, criterion: String, measured: String,
    holds: Bool, reason: String
  ) -> Claim {
    let isShort = options.steps < Self.enoughSteps
    return .decided(
      id, statement, paper: paper, test: test, criterion: criterion, measured: measured, holds: holds,
      reason: reason,
      unless: !holds && isShort
        ? "a training of \(options.steps) steps is short; \(Self.enoughSteps) are needed. Here: \(reason)"
        : nil)
  }
}
