import CircuitStudies
import ControlStudies
import Foundation
import LanguageStudies
import MemoryStudies
import NeuronStudies
import PopulationStudies
import Reading
import SpikingStudies
import StudyCore
import Support

/// The studies that run.
enum Studies {
  static var all: [AnyStudy] {
    NeuronStudies.all + SpikingStudies.all + LanguageStudies.all + PopulationStudies.all
      + MemoryStudies.all + ControlStudies.all + CircuitStudies.all
  }

  /// - Throws: `UsageError` that tells a paper that does not run yet from one that is unknown.
  static func find(_ slug: String) throws -> AnyStudy {
    if let study = all.first(where: { $0.paper.slug == slug }) { return study }
    let catalogue = try ReadingList.catalogue()
    if catalogue.entries.contains(where: { $0.slug == slug }) {
      throw UsageError(
        "'\(slug)' is in the reading list but does not run yet; 'cajal papers --runs' lists those that do")
    }
    throw UsageError(
      "there is no paper '\(slug)'\(suggestion(slug, among: all.map(\.paper.slug))) ('cajal papers' lists them)"
    )
  }
}

/// JSON for programs: keys sorted, one document.
func printJSON(_ value: some Encodable) throws { print(String(decoding: try json(value), as: UTF8.self)) }

/// What ``printJSON(_:)`` prints.
func json(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.dateEncodingStrategy = .iso8601
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try encoder.encode(value)
}
