import Figures
import Support

/// What a run yields: metrics, claims, figures and tables.
public struct Findings: Sendable, Codable {
  public struct Metric: Sendable, Codable, Equatable {
    /// A dotted path: `falsePositive.a64.n300`.
    public var name: String
    public var value: Double
    public var unit: String?
  }

  /// A figure or table that lies beside the record of the run.
  public struct Attachment: Sendable, Codable, Equatable {
    public var name: String
    public var title: String
    public var caption: String
    /// File name in the run's folder.
    public var file: String
  }

  public var metrics: [Metric] = []
  public var claims: [Claim] = []
  public var figures: [Attachment] = []
  public var tables: [Table] = []
  /// Remarks that belong into the report: what differs from the paper and why.
  public var notes: [String] = []

  public init() {}
}

/// A statement of the paper, how it is tested here, what was measured, and the verdict.
public struct Claim: Sendable, Codable, Equatable {
  public enum Verdict: String, Sendable, Codable, CaseIterable {
    case holds
    case doesNotHold = "does not hold"
    case notTestable = "not testable here"

    /// The verdict on several claims.
    public var plural: String {
      switch self {
      case .holds: "hold"
      case .doesNotHold: "do not hold"
      case .notTestable: rawValue
      }
    }
  }

  /// The claim's number on the method sheet: "1", "3a".
  public var id: String
  /// What the paper says, in our words.
  public var statement: String
  /// The paper's own figures.
  public var paper: String
  /// How it is tested here.
  public var test: String
  /// When it is said to hold, fixed before measuring.
  public var criterion: String
  /// What was measured, with its spread over seeds.
  public var measured: String
  public var verdict: Verdict
  /// Why it does not hold, or cannot be tested; required then.
  public var reason: String?

  /// A claim decided by `holds`, which the caller computed from what was measured.
  public init(
    _ id: String, _ statement: String, paper: String, test: String, criterion: String,
    measured: String, holds: Bool, reason: String? = nil
  ) {
    self.id = id
    self.statement = statement
    self.paper = paper
    self.test = test
    self.criterion = criterion
    self.measured = measured
    verdict = holds ? .holds : .doesNotHold
    self.reason = holds ? nil : reason
  }

  /// A claim that this run cannot decide.
  public init(
    notTestable id: String, _ statement: String, paper: String, test: String, criterion: String,
    measured: String = "", reason: String
  ) {
    self.id = id
    self.statement = statement
    self.paper = paper
    self.test = test
    self.criterion = criterion
    self.measured = measured
    verdict = .notTestable
    self.reason = reason
  }
}
