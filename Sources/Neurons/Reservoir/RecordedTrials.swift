import Datasets
import Foundation
import Statistics
import Support

/// Trials that were observed: what followed which cue, and when. From a table of one's own, or made of any sequence of events.
public struct RecordedTrials: Sendable {
  /// One observation, in the data's own unit of time.
  public struct Observation: Sendable, Equatable {
    public var cue: String
    /// nil where nothing came.
    public var outcome: String?
    public var latency: Double

    public init(cue: String, outcome: String?, latency: Double) {
      (self.cue, self.outcome, self.latency) = (cue, outcome, latency)
    }
  }

  public let name: String
  public let observations: [Observation]
  /// In the order in which they first occur.
  public let cues, outcomes: [String]
  /// SHA-256 of the file, empty for data made in memory.
  public let fingerprint: String

  /// - Throws: `CajalError` naming the data when there are too few trials or an observation makes no sense.
  public init(name: String, _ observations: [Observation], fingerprint: String = "") throws {
    (self.name, self.observations, self.fingerprint) = (name, observations, fingerprint)
    cues = Self.distinct(observations.map(\.cue))
    outcomes = Self.distinct(observations.compactMap(\.outcome))
    guard observations.count > 1, !outcomes.isEmpty else {
      throw CajalError("\(name) holds \(observations.count) trials, expected at least two with an outcome")
    }
    for (index, observation) in observations.enumerated() where observation.outcome != nil {
      guard observation.latency.isFinite, observation.latency > 0 else {
        throw CajalError(
          "\(name), trial \(index + 1): latency \(observation.latency), expected a number above 0")
      }
    }
  }

  /// Reads a table with the columns `cue`, `outcome` and `latency` among others, a trial a line in order of time. An empty outcome,
  /// or `none`, is an omission, whose latency may be empty too.
  ///
  /// - Throws: `CajalError` naming file, line and column.
  public init(csv url: URL) throws {
    let file = try CSVFile(contentsOf: url)
    let columns = try ["cue", "outcome", "latency"].map { name in
      guard
        let column = file.header.firstIndex(where: {
          $0.trimmingCharacters(in: .whitespaces).lowercased() == name
        })
      else {
        throw CajalError(
          "\(url.path) has no column '\(name)': expected cue, outcome and latency, found \(file.header.joined(separator: ", "))"
        )
      }
      return column
    }
    let observations = try file.rows.enumerated().map { index, row in
      try Self.observation(columns.map { row[$0].trimmingCharacters(in: .whitespaces) }, url, line: index + 2)
    }
    try self.init(
      name: url.lastPathComponent, observations, fingerprint: Fingerprint.ofFile(url))
  }

  private static func observation(_ fields: [String], _ url: URL, line: Int) throws -> Observation {
    let place = "\(url.path), line \(line)"
    guard !fields[0].isEmpty else { throw CajalError("\(place): the cue is empty") }
    let isOmitted = fields[1].isEmpty || fields[1].lowercased() == "none"
    if isOmitted, fields[2].isEmpty { return Observation(cue: fields[0], outcome: nil, latency: 0) }
    guard let latency = Double(fields[2]), latency.isFinite, isOmitted || latency > 0 else {
      throw CajalError("\(place): latency '\(fields[2])', expected a number above 0")
    }
    return Observation(cue: fields[0], outcome: isOmitted ? nil : fields[1], latency: latency)
  }

  /// A sequence of events as trials: every event is the cue of the next one.
  ///
  /// - Parameters:
  ///   - kinds: What each event was.
  ///   - intervals: The time from each event to the next; one less than there are events, or as many.
  public static func chain(name: String, kinds: [String], intervals: [Double], fingerprint: String = "")
    throws
    -> RecordedTrials
  {
    guard intervals.count == kinds.count || intervals.count == kinds.count - 1 else {
      throw CajalError("\(name): \(intervals.count) intervals between \(kinds.count) events")
    }
    let observations = (0..<max(0, kinds.count - 1)).map {
      Observation(cue: kinds[$0], outcome: kinds[$0 + 1], latency: intervals[$0])
    }
    return try RecordedTrials(name: name, observations, fingerprint: fingerprint)
  }

  private static func distinct(_ names: [String]) -> [String] {
    names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The milliseconds for a unit of the data's time that bring the longest latency to `latency`.
  public func scale(longest latency: Double) -> Double {
    latency / (observations.filter { $0.outcome != nil }.map(\.latency).max() ?? 1)
  }

  /// The trials for a reservoir.
  ///
  /// - Parameter scale: Milliseconds for a unit of the data's time.
  public func trials(scale: Double) -> [PredictionTrial] {
    let usual = cues.map { cue in
      let own = observations.filter { $0.cue == cue && $0.outcome != nil }
      let median = own.isEmpty ? 0 : Percentile.median(own.map(\.latency))
      return outcomes.map { outcome in
        let times = own.filter { $0.outcome == outcome }.map(\.latency)
        return (times.isEmpty ? median : Percentile.median(times)) * scale
      }
    }
    return observations.map { observation in
      let cue = cues.firstIndex(of: observation.cue)!
      return PredictionTrial(
        cue: cue, outcome: observation.outcome.flatMap(outcomes.firstIndex(of:)),
        latency: observation.latency * scale, expectedLatencies: usual[cue])
    }
  }
}
