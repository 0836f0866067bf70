import Datasets
import Foundation
import NeuronStudies
import StudyCore
import Support
import Testing

@Suite struct HomeostaticNetworksTests {
  private let study = AnyStudy(HomeostaticNetworks.self)
  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Golden/homeostatic-networks.json")
  private static let small = [
    ("trainImages", "300"), ("validationImages", "100"), ("epochs", "2"), ("lateEpochs", "1"),
    ("repetitions", "2"), ("shiftRates", "0,3"), ("hidden", "20,10"),
    ("seasonEpochs", "2"), ("seasonCount", "2"), ("constants", "0.05"),
  ]

  private func temporaryFolder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("homeostatic-\(UUID().uuidString)")
  }

  private func run(
    _ settings: [(String, String)], seed: UInt64 = 1, data: String? = nil, in folder: URL
  ) throws -> RunRecord {
    var request = StudyRunner.Request()
    (request.size, request.seed, request.dataPath) = (.quick, seed, data)
    request.settings = settings.map { (key: $0.0, value: $0.1) }
    return try StudyRunner(RunStore(home: folder)).run(study, request)
  }

  @Test func quickRunDecidesItsClaims() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let record = try run([], in: folder)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.claims.map(\.id) == ["1", "2", "3", "4", "5", "6"])
    let decided = record.findings.claims.filter { $0.verdict != .notTestable }.map(\.id)
    #expect(Set(decided).isSuperset(of: ["1", "2", "3", "6"]))
    #expect(
      record.findings.tables.map(\.name)
        == ["shift-grid", "decisions", "seasons", "literal-rule", "ablations"])
    #expect(record.findings.figures.count == 11)
    for figure in record.findings.figures {
      let svg = try String(contentsOfFile: "\(record.folder)/\(figure.file)", encoding: .utf8)
      #expect(svg.contains("<path") && !svg.contains("no data"), "\(figure.file)")
    }
    #expect(record.data.count == 2 && record.findings.metrics.allSatisfy { $0.value.isFinite })
    let gain = try #require(record.findings.metrics.first { $0.name == "advantage.spe8" })
    #expect(gain.value > 0.02 && gain.value < 0.3)
  }

  @Test func sameSeedSameMetricsOnAnyNumberOfThreads() throws {
    let folder = temporaryFolder()
    let threads = Threads.count
    defer {
      Threads.count = threads
      try? FileManager.default.removeItem(at: folder)
    }
    let runs = try [(1, 1), (1, 3), (2, 3)].map { seed, threads in
      Threads.count = threads
      return try run(Self.small, seed: UInt64(seed), in: folder).findings.metrics
    }
    #expect(runs[0] == runs[1] && runs[0] != runs[2] && !runs[0].isEmpty)
  }

  private final class Holder: @unchecked Sendable { var lab: Lab? }

  @Test func anInterruptionKeepsTheClaimsDecidedSoFar() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var request = StudyRunner.Request()
    request.size = .quick
    request.settings = Self.small.map { (key: $0.0, value: $0.1) }
    let holder = Holder()
    let record = try StudyRunner(RunStore(home: folder)).run(
      study, request, onStart: { holder.lab = $0 },
      reporter: { if $0.stage == "seasons" { holder.lab?.interrupt() } })
    #expect(record.state == .partial && record.findings.claims.map(\.id) == ["1", "2", "3", "4"])
    #expect(record.findings.tables.map(\.name) == ["shift-grid", "decisions"])
  }

  @Test func takesTheUsersOwnImages() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var generator = RandomGenerator(seed: 1)
    for part in ["train", "t10k"] {
      let labels = (0..<300).map { _ in UInt8(generator.integer(below: 3)) }
      let pixels = labels.flatMap { label in
        (0..<20).map { UInt8(80 * Int(label) + generator.integer(below: 60) + $0) }
      }
      try IDXFile(shape: [300, 4, 5], bytes: pixels).write(
        to: folder.appendingPathComponent("\(part)-images-idx3-ubyte"))
      try IDXFile(shape: [300], bytes: labels).write(
        to: folder.appendingPathComponent("\(part)-labels-idx1-ubyte"))
    }
    let own = try run(Self.small + [("excitatoryFrom", "1")], data: folder.path, in: folder)
    #expect(own.state == .finished, "\(own.problem ?? "")")
    let wrong = try run(Self.small, data: folder.path, in: folder)
    #expect(wrong.state == .failed && wrong.problem?.contains("number of classes, 3") == true)
  }

  @Test(arguments: [
    ("shiftRates", "3,0", "should ascend from 0"), ("offset", "10", "should be below interval"),
    ("lateEpochs", "9", "should not exceed epochs"), ("constants", "0.005", "should differ"),
    ("memories", "7,7", "should each differ"), ("shiftRates", "0,8,9000", "too few"),
  ])
  func contradictingOptionsAreNamed(name: String, value: String, message: String) throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let record = try run([(name, value)], in: folder)
    #expect(record.state == .failed && record.problem?.contains(message) == true, "\(record.problem ?? "")")
    #expect(throws: CajalError.self) { try run([(name, "x")], in: folder) }
  }

  private func verify(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> [GoldenFile.Section] {
    var content = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: Self.golden)) as? [String: Any])
    change(&content)
    let file = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONSerialization.data(withJSONObject: content).write(to: file)
    var golden = try GoldenFile(contentsOf: file)
    try study.verify(&golden)
    return golden.finished()
  }

  /// Changes one entry of the section "literal".
  private func literal(_ content: inout [String: Any], _ key: String, _ change: (Any) -> Any) {
    guard var section = content["literal"] as? [String: Any], let value = section[key] else { return }
    section[key] = change(value)
    content["literal"] = section
  }

  @Test func referenceVectorsAreMet() throws {
    let sections = try verify()
    #expect(sections.map(\.name) == ["literal", "end_of_batch"] && sections.allSatisfy(\.passes))
    #expect(sections.allSatisfy { $0.compared > 200 })
  }

  @Test func damagedVectorsFail() throws {
    let rates = try verify { content in
      literal(&content, "lr_per_batch") { ($0 as? [Double] ?? []).map { $0 + 1e-9 } }
    }
    #expect(!rates[0].passes && rates[1].passes)
    let decision = try verify { content in
      literal(&content, "decisions") { value in
        var rows = value as? [[String: Any]] ?? []
        rows[3]["stay"] = 1
        return rows
      }
    }
    #expect(decision[0].problem?.contains("decision at sample 60") == true)
    #expect(try verify { $0["literal"] = nil }.contains { !$0.passes })
    #expect(try verify { $0["other"] = [1] }.contains { $0.name == "other" && !$0.passes })
    for key in ["lr_per_batch", "labels", "decisions"] {
      let problem = #expect(throws: CajalError.self) {
        try verify { content in literal(&content, key) { _ in "x" } }
      }
      #expect(problem?.message.contains(key) == true)
    }
  }
}
