import Foundation
import Testing

/// The commands on language models, with SmolLM2.
@Suite struct LanguageTests {
  let cajal = Program(sharingData: true)

  @Test func tokensAreThoseOfTheReference() throws {
    let outcome = try cajal(["tokens", "The capital of France is", "--json"])
    let rows = outcome.json as? [[String: Any]]
    #expect(rows?.compactMap { $0["id"] as? Int } == [504, 3575, 282, 4649, 314])
    #expect(rows?.last?["text"] as? String == " is")
  }

  @Test func textGoesOnTheSameForTheSameSeed() throws {
    let words = ["generate", "The capital of France is", "--tokens", "6"]
    let greedy = try cajal(words)
    #expect(greedy.code == 0 && greedy.output.hasPrefix("The capital of France is Paris."), "\(greedy)")
    #expect(greedy.errors.contains("tokens/s"))
    let chance = words + ["--temperature", "1.5", "--json", "--seed"]
    let texts = try ["1", "1", "2"].map { try cajal(chance + [$0]).json as? [String: Any] }.map {
      $0?["text"] as? String
    }
    #expect(texts[0] == texts[1] && texts[0] != texts[2])
  }

  @Test func chatAnswersFromTheStandardInputToo() throws {
    let one = try cajal(["chat", "What is the capital of France?", "--temperature", "0", "--tokens", "12"])
    #expect(one.code == 0 && one.output.contains("Paris"), "\(one)")
  }

  @Test func aCorpusIsRecordedAndProbed() throws {
    let corpus = cajal.home.appendingPathComponent("corpus")
    try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
    let texts = [
      "sea": [
        "The sea was calm and the boat lay still.", "Waves broke over the harbour wall.",
        "Fish swam below the old pier.",
      ],
      "sum": [
        "Add three and four to get seven.", "Ten minus two leaves eight.",
        "Half of twelve is six, of course.",
      ],
    ]
    for (label, list) in texts {
      try list.joined(separator: "\n\n").write(
        to: corpus.appendingPathComponent("\(label).txt"), atomically: true, encoding: .utf8)
    }
    let folder = cajal.home.appendingPathComponent("recording").path
    let recorded = try cajal(
      "record \(corpus.path) --out \(folder) --sites blocks.2?.mlp --precision float16")
    #expect(recorded.code == 0 && recorded.output.contains("samples of 15360 neurons"), "\(recorded)")
    #expect(try cajal("record \(corpus.path) --out \(folder)").errors.contains("complete recording already"))
    let out = cajal.home.appendingPathComponent("probe")
    let probed = try cajal("probe \(folder) --label sea --top 3 --permutations 50 --out \(out.path) --json")
    let rows = probed.json as? [[String: Any]]
    #expect(rows?.count == 3 && rows?.first?["averagePrecision"] as? Double == 1, "\(probed)")
    for name in ["neurons.csv", "neurons.json", "sites.svg"] {
      #expect(FileManager.default.fileExists(atPath: out.appendingPathComponent(name).path))
    }
    #expect(try cajal("probe \(folder)").errors.contains("sea, sum"))
    #expect(try cajal("probe \(folder) --label sky").errors.contains("no sample has the label 'sky'"))
  }

  @Test func neuronsAreDecodedAndPerturbed() throws {
    let read = try cajal("probe 29/1113 --top 2")
    #expect(read.code == 0 && read.output.contains("' food' +11.8"), "\(read)")
    let words = [
      "perturb", "The thing I like most is the", "--neurons", "29/1113", "--do", "clamp=-30", "--site",
      "mlp.up", "--continuation", " food", "--tokens", "2", "--controls", "2", "--json",
    ]
    let conditions = try cajal(words).json as? [[String: Any]]
    func rank(_ index: Int) -> Int? {
      ((conditions?[index]["continuations"] as? [[String: Any]])?.first?["rank"]) as? Int
    }
    #expect(conditions?.count == 4 && rank(0) == 7 && rank(1) == 1)
  }

  @Test(arguments: [
    ("generate", "which text"), ("probe", "expected a recording"), ("perturb word", "which --neurons?"),
    ("perturb word --neurons 3", "is no neuron"),
    ("perturb word --neurons 1/2 --do explode", "expected ablate"),
    ("generate x --temperature hot", "expected a number"),
    ("generate x --tokens 0", "expected a whole number"),
    ("record", "expected one corpus"),
  ])
  func wrongCallsSayWhatIsRight(_ line: String, _ message: String) throws {
    let outcome = try cajal(line)
    #expect(outcome.code == 2 && outcome.errors.contains(message), "\(outcome)")
  }

  @Test func missingAndForeignFilesAreErrors() throws {
    let missing = try cajal("tokens x --model /nowhere/m.gguf")
    #expect(missing.code == 1 && missing.errors.contains("/nowhere/m.gguf"), "\(missing)")
    let foreign = try cajal("generate x --model \(#filePath)")
    #expect(foreign.code == 1 && foreign.errors.contains("is no GGUF file"), "\(foreign)")
    let probed = try cajal("probe \(cajal.home.path)-none")
    #expect(probed.code == 1 && probed.errors.contains("is no recording"), "\(probed)")
  }
}
