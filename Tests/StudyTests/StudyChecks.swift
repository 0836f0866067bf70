import Foundation
import StudyCore
import Support
import TestSupport
import Testing

/// What the tests of a study share: quick runs in a folder of their own, and the reference vectors.
protocol StudyChecks {
  var study: AnyStudy { get }
  var scratch: Scratch { get }
}

extension StudyChecks {
  func run(_ settings: [(String, String)] = [], data: String? = nil) throws -> RunRecord {
    var request = StudyRunner.Request()
    request.size = .quick
    request.settings = settings.map { (key: $0.0, value: $0.1) }
    request.dataPath = data
    return try StudyRunner(try RunStore(home: scratch.url)).run(study, request)
  }

  /// Runs on one thread and on two, and expects the same metrics.
  func expectSameMetricsOnAnyThreads(
    _ settings: [(String, String)] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = Threads.count
    defer { Threads.count = before }
    let metrics = try [1, 2].map { count in
      Threads.count = count
      return try run(settings).findings.metrics
    }
    #expect(metrics[0] == metrics[1] && !metrics[0].isEmpty, sourceLocation: sourceLocation)
  }

  var file: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/\(study.paper.slug).json")
  }

  func verified(_ url: URL) throws -> [GoldenFile.Section] {
    var golden = try GoldenFile(contentsOf: url)
    try study.verify(&golden)
    return golden.finished()
  }

  /// The reference file after a change of its parsed content.
  func changed(_ change: (inout [String: Any]) -> Void) throws -> URL {
    var content = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as! [String: Any]
    change(&content)
    let url = scratch.url.appendingPathComponent("changed.json")
    try JSONSerialization.data(withJSONObject: content).write(to: url)
    return url
  }
}
