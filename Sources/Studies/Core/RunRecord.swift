import Foundation

/// All that is kept of a run, and all that is needed to repeat it.
public struct RunRecord: Sendable, Codable {
  public enum State: String, Sendable, Codable {
    case running
    case finished
    /// Interrupted; what was measured until then is kept.
    case partial
    case failed
  }

  public struct Option: Sendable, Codable, Equatable {
    public var name: String
    public var value: String
  }

  /// A data set that the run read.
  public struct DataUse: Sendable, Codable, Equatable {
    public var name: String
    /// SHA-256 of what was read, in hexadecimal.
    public var fingerprint: String
  }

  /// The number in the record of runs.
  public var id: Int
  public var study: String
  public var state: State
  public var size: StudySize
  public var seed: UInt64
  public var options: [Option]
  /// The user's data, if any.
  public var dataPath: String?
  public var version: String
  public var machine: String
  public var started: Date
  /// Seconds.
  public var duration: Double
  /// Bytes.
  public var peakMemory: Int
  /// Where figures and tables lie.
  public var folder: String
  public var data: [DataUse]
  public var findings: Findings
  /// Why a run failed.
  public var problem: String?

  /// The command that repeats the run.
  public var command: String {
    var words = ["cajal", "run", study, "--size", size.rawValue, "--seed", "\(seed)"]
    for option in options { words += ["--set", Self.shellQuoted("\(option.name)=\(option.value)")] }
    if let dataPath { words += ["--data", Self.shellQuoted(dataPath)] }
    return words.joined(separator: " ")
  }

  /// How many claims got each verdict.
  public func count(_ verdict: Claim.Verdict) -> Int {
    findings.claims.filter { $0.verdict == verdict }.count
  }

  /// The verdicts that any claim got, with their numbers.
  public var tally: [(verdict: Claim.Verdict, count: Int)] {
    Claim.Verdict.allCases.map { ($0, count($0)) }.filter { $0.1 > 0 }
  }

  static func shellQuoted(_ text: String) -> String {
    let plain = text.allSatisfy { $0.isLetter || $0.isNumber || "=_-./,:".contains($0) }
    return plain ? text : "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
