import Foundation
import LanguageStudies
import StudyCore
import Support
import Testing

@Suite struct LanguageNeuronsTests: StudyChecks {
  let study = AnyStudy(LanguageNeurons.self)
  let scratch = Scratch()

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = Dictionary(uniqueKeysWithValues: record.findings.claims.map { ($0.id, $0) })
    #expect(Set(claims.keys) == ["1a", "1b", "2", "3", "4", "5a", "5b", "6"])
    // Alignment needs several seeds; so little text does not find the same neurons twice.
    for id in ["5a", "5b"] { #expect(claims[id]?.verdict == .notTestable) }
    for id in ["1a", "1b", "2", "3", "4", "6"] { #expect(claims[id]?.verdict != .notTestable, "\(id)") }
    for claim in claims.values {
      #expect(!claim.measured.isEmpty && !claim.measured.contains("nan"), "\(claim.id)")
    }
    let metrics = Dictionary(uniqueKeysWithValues: record.findings.metrics.map { ($0.name, $0.value) })
    // Whatever so few tokens decide: silencing its neurons spoils French far more than random ones do.
    #expect(metrics["damage.wide.own.fr"]! > 5 * max(0.01, metrics["damage.wide.random.fr"]!))
    #expect(metrics["served.4"] == 0, "no selected neuron serves all languages at the swept lambda")
    let names = record.findings.figures.map(\.name)
    #expect(
      Set(names) == [
        "layers", "lambda", "overlap", "perplexity-paper", "perplexity-wide", "baselines", "lambda-damage",
        "alignment-sharing",
      ])
    for figure in record.findings.figures {
      let file = URL(fileURLWithPath: record.folder).appendingPathComponent(figure.file)
      #expect((try? Data(contentsOf: file).count) ?? 0 > 2_000, "\(figure.file)")
    }
    #expect(
      Set(record.findings.tables.map(\.name)) == [
        "layers", "damage-paper", "damage-wide", "lambda-damage", "small-models",
      ])
    #expect(record.data.contains { $0.fingerprint.count == 64 })
  }

  private let small = [
    ("part", "small"), ("steps", "4"), ("alignmentSteps", "2"), ("seeds", "2"), ("blocks", "2"),
  ]

  @Test func theSameSeedGivesTheSameNumbers() throws {
    let first = try run(small).findings.metrics
    #expect(first.count > 10)
    #expect(try run(small).findings.metrics == first)
    let before = Threads.count
    Threads.count = 1
    defer { Threads.count = before }
    #expect(try run(small).findings.metrics == first, "whatever the number of threads")
  }

  @Test func partsThatAreLeftOutDecideNothing() throws {
    let record = try run(small)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let open = record.findings.claims.filter { $0.verdict == .notTestable }.map(\.id)
    #expect(open == ["1a", "1b", "2", "3", "4", "5a", "5b", "6"])
  }

  private let real = [
    ("part", "real"), ("evaluationTokens", "16"), ("passageTokens", "12"), ("otherLambdas", "0"),
  ]

  @Test func aUsersTextsAreRead() throws {
    let folder = scratch.url.appendingPathComponent("texts")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, sentence) in [
      ("fi", "Kissa istuu ikkunalla ja katsoo sadetta"), ("sv", "Katten sitter vid fönstret"),
    ] {
      let text = (0..<6).map { "\(sentence) \($0)." }.joined(separator: "\n\n")
      try text.write(to: folder.appendingPathComponent("\(name).txt"), atomically: true, encoding: .utf8)
    }
    let record = try run(real, data: folder.path)
    #expect(record.state == .finished && record.data.first?.name == "texts", "\(record.problem ?? "")")
    #expect(record.findings.metrics.contains { $0.name == "damage.wide.own.fi" })
    let lines = scratch.url.appendingPathComponent("one.jsonl")
    try "{\"lang\": \"fi\", \"prompt\": \"Kuka?\", \"answer\": \" Kissa.\"}\n"
      .write(to: lines, atomically: true, encoding: .utf8)
    #expect(try run(real, data: lines.path).problem == "one.jsonl: one language, at least two are needed")
    #expect(try run(real, data: "/nowhere").problem == "there is no file or folder /nowhere")
  }

  @Test func wrongOptionsAreRejected() throws {
    #expect(throws: CajalError.self) { try run([("topRate", "0")]) }
    #expect(throws: CajalError.self) { try run([("part", "third")]) }
    #expect(throws: CajalError.self) { try run([("colour", "red")]) }
    #expect(try run(small + [("width", "20")]).problem?.contains("width=20") == true)
    let book = try run(real + [("texts", "debian-reference")])
    #expect(book.state == .finished || book.problem?.contains("apt-get install debian-reference-en") == true)
  }

  @Test func referenceVectorsAgree() throws {
    let sections = try verified(file)
    #expect(sections.count == 12 && sections.allSatisfy(\.passes), "\(sections.filter { !$0.passes })")
  }

  @Test func damagedVectorsAreFound() throws {
    func failing(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      try verified(changed(change)).filter { !$0.passes }.map(\.name)
    }
    #expect(try failing { $0["norm_max"] = 0.52084 } == ["norm_max"])
    #expect(
      try failing { content in
        var sweep = content["autosweep"] as! [String: Any]
        sweep["best_lambda"] = 0.0533
        content["autosweep"] = sweep
      } == ["autosweep"])
    #expect(
      try failing { content in
        var cases = content["cases"] as! [[String: Any]]
        cases[1]["selected_flat_indices"] = [3, 6, 8, 11, 16, 22, 23, 24, 28]
        content["cases"] = cases
      } == ["cases"])
    #expect(try failing { $0["tokens_full"] = [981, 977, 1378, 1199] }.contains("activation_prob"))
    #expect(try failing { $0["cases"] = nil } == ["cases"])
    #expect(try failing { $0["more"] = 1 } == ["more"])
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ change: (inout [String: Any]) -> Void) throws -> String {
      let url = try changed(change)
      return (#expect(throws: CajalError.self) { try verified(url) })?.message ?? ""
    }
    #expect(try problem { $0["layers"] = "three" }.contains("'layers'"))
    #expect(try problem { $0["layers"] = 2 }.contains("'count_full'"))
    #expect(try problem { $0["tokens_prefix"] = [1] }.contains("'tokens_prefix'"))
    #expect(try problem { $0["count_full"] = [[["x"]]] }.contains("'count_full'"))
    #expect(try problem { $0["cases"] = [] as [Any] }.contains("'cases'"))
    #expect(try problem { $0["autosweep"] = ["top_rate": 2] }.contains("'top_rate'"))
    #expect(try problem { $0["tolerance"] = "little" }.contains("'tolerance"))
  }
}
