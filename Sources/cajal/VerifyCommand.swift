import Foundation
import StudyCore
import Support

/// `cajal verify`
enum VerifyCommand {
  private struct Result: Encodable {
    let study, file: String
    let passes: Bool
    let sections: [GoldenFile.Section]
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.count <= 2 else { throw UsageError("expected 'cajal verify [SLUG] [FILE]'") }
    let studies = try arguments.operands.first.map { [try Studies.find($0)] } ?? Studies.all
    let results = try studies.map { study in
      let url =
        try arguments.operands.dropFirst().first.map { URL(fileURLWithPath: $0) }
        ?? defaultFile(study.paper.slug)
      var golden = try GoldenFile(contentsOf: url)
      do { try study.verify(&golden) } catch let error as CajalError {
        throw CajalError("\(url.path): \(error.message)")
      }
      let sections = golden.finished()
      return Result(
        study: study.paper.slug, file: url.path, passes: sections.allSatisfy(\.passes), sections: sections)
    }
    if arguments.has("json") { try printJSON(results) } else { results.forEach(show) }
    return results.allSatisfy(\.passes) ? 0 : 1
  }

  private static func show(_ result: Result) {
    print("\(result.study)  (\(result.file))")
    let width = result.sections.map(\.name.count).max() ?? 0
    for section in result.sections {
      let error = String(format: "%.2e of %.2e", section.largestError, section.tolerance)
      let detail = section.problem ?? "\(section.compared) compared, largest error \(error)"
      print("  \(section.passes ? "ok  " : "FAIL")  \(pad(section.name, width))  \(detail)")
    }
  }

  /// The vectors that come with Cajal: `CAJAL_GOLDEN`, or `Tests/Golden` above the program.
  private static func defaultFile(_ slug: String) throws -> URL {
    if let folder = ProcessInfo.processInfo.environment["CAJAL_GOLDEN"] {
      return URL(fileURLWithPath: folder).appendingPathComponent("\(slug).json")
    }
    if let file = Source.file("Tests/Golden/\(slug).json") { return file }
    throw CajalError(
      "no reference vectors for \(slug) above the program; name a file, or set CAJAL_GOLDEN to their folder")
  }
}
