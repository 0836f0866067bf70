import Foundation
import StudyCore
import Support

/// `cajal run`
enum RunCommand {
  static func run(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else {
      throw UsageError("which paper? 'cajal papers --runs' lists those that run")
    }
    let studies = try arguments.operands.map(Studies.find)
    var request = StudyRunner.Request()
    request.size = arguments.value("size").flatMap(StudySize.init) ?? .standard
    request.seed = try seed(arguments)
    request.settings = try settings(arguments, for: studies, request.size)
    request.dataPath = arguments.value("data")
    let store = try RunStore()
    var records: [RunRecord] = []
    for study in studies {
      var own = request
      own.folder = arguments.value("out").map { path in
        let base = URL(fileURLWithPath: path)
        return studies.count > 1 ? base.appendingPathComponent(study.paper.slug) : base
      }
      let record = try run(study, own, store, talk: !arguments.has("json"))
      records.append(record)
      if record.state == .partial { break }
    }
    if arguments.has("json") { try printJSON(records) }
    if records.contains(where: { $0.state == .partial }) { return 130 }
    return records.contains { $0.state == .failed } ? 1 : 0
  }

  private static func run(_ study: AnyStudy, _ request: StudyRunner.Request, _ store: RunStore, talk: Bool)
    throws -> RunRecord
  {
    let display = ProgressDisplay()
    say("\(study.paper.slug), \(request.size.rawValue), seed \(request.seed)")
    var handler: InterruptionHandler?
    defer { withExtendedLifetime(handler) {} }
    let record = try StudyRunner(store).run(
      study, request,
      onStart: { lab in
        handler = InterruptionHandler {
          lab.interrupt()
          say("\nstopping at the next step; what was measured is kept (Ctrl-C again to quit at once)")
        }
      }, reporter: display.show)
    display.finish()
    if talk { Self.print(record) }
    return record
  }

  /// The claims in plain text.
  private static func print(_ record: RunRecord) {
    for claim in record.findings.claims {
      Swift.print("\n\(claim.id). \(claim.statement)")
      Swift.print("   paper said   \(claim.paper)")
      Swift.print("   we measured  \(claim.measured)")
      Swift.print("   \(claim.verdict.rawValue)\(claim.reason.map { ": \($0)" } ?? "")")
    }
    let time = NumberText.duration(record.duration)
    switch record.state {
    case .failed: say("failed after \(time): \(record.problem ?? "")")
    case .partial: say("interrupted after \(time)")
    default: say("done in \(time), peak memory \(NumberText.bytes(record.peakMemory))")
    }
    if record.state != .failed { Swift.print("\nReport: \(record.folder)/report.html") }
  }

  private static func seed(_ arguments: Arguments) throws -> UInt64 {
    guard let text = arguments.value("seed") else { return 1 }
    guard let seed = UInt64(text) else {
      throw UsageError("--seed is '\(text)', expected a whole number from 0")
    }
    return seed
  }

  private static func settings(_ arguments: Arguments, for studies: [AnyStudy], _ size: StudySize) throws
    -> [(key: String, value: String)]
  {
    let settings = try arguments.all("set").map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw UsageError("--set is '\(text)', expected KEY=VALUE")
      }
      return (key: parts[0], value: parts[1])
    }
    for study in studies {
      do { _ = try study.values(size, settings) } catch let error as CajalError {
        throw UsageError("\(study.paper.slug): \(error.message)")
      }
    }
    return settings
  }
}
