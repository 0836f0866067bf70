import Datasets
import Foundation
import LanguageStudies
import Models
import Probing
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct LanguageNeuronsTests: StudyChecks {
  let study = AnyStudy(LanguageNeurons.self)
  let scratch = Scratch()

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = Dictionary(uniqueKeysWithValues: record.findings.claims.map { ($0.id, $0) })
    #expect(Set(claims.keys) == ["1a", "1b", "2", "3", "4", "5a", "5b", "6"])
    // Alignment needs several seeds, lambda small models that have learned something, stability more text.
    for id in ["2", "5a", "5b", "6"] { #expect(claims[id]?.verdict == .notTestable) }
    for id in ["1a", "1b", "3", "4"] { #expect(claims[id]?.verdict != .notTestable, "\(id)") }
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

  /// The snippet of the study's page, with a model and texts of the test's own.
  @Test func theLibraryServesAnyModelAndTexts() throws {
    let folder = scratch.url.appendingPathComponent("corpus")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (label, text) in [("vowels", "aeiouaeiou\n\neieioua"), ("consonants", "bcdfgklm\n\ntrtsst")] {
      try text.write(to: folder.appendingPathComponent("\(label).txt"), atomically: true, encoding: .utf8)
    }
    var generator = RandomGenerator(seed: 1)
    let shape = DecoderConfiguration(vocabulary: 256, width: 16, blocks: 2, heads: 2, neurons: 40)
    let model = LanguageModel(Decoder(shape, using: &generator), ByteTokenizer())

    let corpus = try LabelledPassages(contentsOf: folder)
    let texts = corpus.passages.map { passage in
      let prompt = model.tokenizer.encode(passage.prompt)
      return LabelledTokens(
        label: corpus.labels.firstIndex(of: passage.label)!,
        tokens: prompt + model.tokenizer.encode(passage.answer), prompt: prompt.count)
    }
    let counter = ActivationCounter(
      labels: corpus.labels.count, blocks: model.decoder.configuration.blocks,
      neurons: model.decoder.configuration.neurons)
    counter.read(texts, with: model.decoder) { _ in }
    var rule = LabelSelectivity(topRate: 0.1, bar: 0.5)
    rule.lambda = rule.sweep(counter.probabilities).lambda ?? 0
    let found = rule.identify(counter.probabilities)
    let mine = found.neurons(of: 0, [.specific, .related])
    let base = model.decoder.losses(texts)
    let without = model.decoder.losses(texts, silent: mine)
    #expect(found.selected.count == 8 && mine.count > 0)
    #expect((without.mean(of: 0) - base.mean(of: 0)).isFinite && without != base)
  }
}
