import Support

/// How much of the paper a run does.
public enum StudySize: String, Sendable, Codable, CaseIterable {
  /// Under 20 seconds, for tests.
  case quick
  /// One to five minutes on two cores; the default.
  case standard
  /// As near to the paper as a user's machine allows.
  case full
}

/// One published system: its setting, its run, its claims.
///
/// A study reads like the method section of its paper: what is reusable lives in the rooms above.
public protocol Study: Sendable {
  associatedtype Options: StudyOptions
  static var paper: Paper { get }
  /// The method in a paragraph or two, for `cajal show`.
  static var method: String { get }
  /// The data it uses and where they come from, for `cajal show`.
  static var data: String { get }
  /// The types of the library that do its work, for those who want them without the study.
  static var library: [LibraryPart] { get }
  init()
  /// Runs the study. Metrics, claims, figures and tables go to the `lab` as soon as they are known, so
  /// that an interruption keeps them.
  func run(_ options: Options, in lab: Lab) throws
  /// Compares the study's numeric kernels with reference vectors, section by section.
  ///
  /// - Throws: `CajalError` when the file's structure is not the expected one.
  static func verify(_ golden: inout GoldenFile) throws
}

extension Study {
  public static var library: [LibraryPart] { [] }
}
