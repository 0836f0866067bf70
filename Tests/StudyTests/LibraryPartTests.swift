import CircuitStudies
import ControlStudies
import Foundation
import LanguageStudies
import MemoryStudies
import NeuronStudies
import PopulationStudies
import SpikingStudies
import StudyCore
import Testing

@Suite struct LibraryPartTests {
  /// Every study says what of the library does its work, and each of these types is public in the room that is named.
  @Test func everyStudyLeadsIntoTheLibrary() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../Sources"
    )
    .standardizedFileURL
    var rooms: [String: String] = [:]
    let studies =
      NeuronStudies.all + SpikingStudies.all + LanguageStudies.all + PopulationStudies.all + MemoryStudies.all
      + ControlStudies.all + CircuitStudies.all
    for study in studies {
      #expect(!study.library.isEmpty, "\(study.paper.slug)")
      for part in study.library {
        if rooms[part.room] == nil {
          let files = FileManager.default.enumerator(
            at: sources.appendingPathComponent(part.room), includingPropertiesForKeys: nil)
          rooms[part.room] = try (files?.allObjects ?? []).compactMap { $0 as? URL }.filter {
            $0.pathExtension == "swift"
          }
          .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        }
        let declaration = try Regex(
          "public (final |indirect )?(struct|class|enum|protocol|actor|typealias) \(part.name)\\b")
        #expect(
          try declaration.firstMatch(in: rooms[part.room] ?? "") != nil,
          "\(study.paper.slug): \(part.name) is no public type of \(part.room)")
        #expect(!part.role.isEmpty && part.documentationPath.hasPrefix("\(part.room)/documentation/"))
      }
    }
  }
}
