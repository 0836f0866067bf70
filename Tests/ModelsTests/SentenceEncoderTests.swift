import Datasets
import Foundation
import Models
import Support
import Tensors
import Testing

struct WordPieceTokenizerTests {
  private func tokenizer(_ pieces: [String]) throws -> WordPieceTokenizer {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("cajal-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try pieces.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    return try WordPieceTokenizer(vocabulary: file)
  }

  @Test func longestPiecesFirst() throws {
    let pieces = ["[UNK]", "[CLS]", "[SEP]", "un", "##able", "##a", "unable", "caf", "##e", ".", "東"]
    let made = try tokenizer(pieces)
    #expect(made.encode("Unable una. Café") == [1, 6, 3, 5, 9, 7, 8, 2])
    #expect(made.encode("東東 xyz") == [1, 10, 10, 0, 2])
    #expect(made.encode("un un un", limit: 4) == [1, 3, 3, 2])
  }

  @Test func vocabulariesWithoutMarksAreRefused() {
    let error = #expect(throws: CajalError.self) { try tokenizer(["a"]) }
    #expect(error?.message.contains("[UNK]") == true)
    #expect(throws: CajalError.self) {
      try WordPieceTokenizer(vocabulary: URL(fileURLWithPath: "/nowhere/vocab.txt"))
    }
  }
}

@Suite(.enabled(if: PackagedData.miniLM.isPresent()))
struct SentenceEncoderTests {
  @Test func vectorsAreThoseOfTransformers() throws {
    let encoder = try SentenceEncoder.miniLM()
    let vectors = encoder.embeddings(of: [
      "The heart is a double pump.", "Blood flows through the ventricles!",
      "Zürich's naïve 東京 café costs 3.50€ — bread-making…",
    ])
    #expect(vectors.shape == [3, 384])
    let rows = vectors.doubles
    for (row, expected) in Self.firstFour.enumerated() {
      for (place, value) in expected.enumerated() { #expect(abs(rows[384 * row + place] - value) < 1e-5) }
    }
  }

  /// Without libtorch the same vectors, texts of one piece and of more than the encoder reads among them.
  @Test func theFastEncoderEqualsTheReference() throws {
    let texts = [
      "The heart is a double pump.", "Blood flows through the ventricles!",
      "Zürich's naïve 東京 café costs 3.50€ — bread-making…", "", "neuron", "which neurons store facts",
      String(repeating: "a dendrite recognises a sparse pattern ", count: 60),
    ]
    let reference = try SentenceEncoder.miniLM().embeddings(of: texts).doubles
    let vectors = try FastSentenceEncoder.miniLM().embeddings(of: texts)
    for (row, vector) in vectors.enumerated() {
      #expect(vector.count == 384)
      for (place, value) in vector.enumerated() {
        #expect(abs(Double(value) - reference[384 * row + place]) < 1e-4)
      }
    }
    for (row, expected) in Self.firstFour.enumerated() {
      for (place, value) in expected.enumerated() { #expect(abs(Double(vectors[row][place]) - value) < 1e-4) }
    }
  }

  @Test func damagedWeightsAreNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cajal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = PackagedData.miniLM.folder()
    try FileManager.default.copyItem(
      at: source.appendingPathComponent("vocab.txt"), to: folder.appendingPathComponent("vocab.txt"))
    let file = folder.appendingPathComponent("model.safetensors")
    let missing = #expect(throws: CajalError.self) { try FastSentenceEncoder(contentsOf: folder, heads: 12) }
    #expect(missing?.message.contains(file.path) == true)
    try Data(contentsOf: source.appendingPathComponent("model.safetensors"), options: .mappedIfSafe).prefix(
      1_000_000
    )
    .write(to: file)
    let cut = #expect(throws: CajalError.self) { try FastSentenceEncoder(contentsOf: folder, heads: 12) }
    #expect(cut?.message.contains(file.path) == true)
    try Safetensors.write([("embeddings.word_embeddings.weight", Tensor.zeros([9, 384]))], to: file)
    let poor = #expect(throws: CajalError.self) { try FastSentenceEncoder(contentsOf: folder, heads: 12) }
    #expect(poor?.message.contains("embeddings.position_embeddings.weight") == true)
    let heads = #expect(throws: CajalError.self) { try FastSentenceEncoder(contentsOf: source, heads: 7) }
    #expect(heads?.message.contains("7 heads") == true)
  }

  /// Made with transformers 5.24, mean of the last states.
  private static let firstFour: [[Double]] = [
    [-0.016440, 0.029244, -0.004154, 0.013073],
    [0.058986, 0.018174, -0.017506, 0.013254],
    [0.088296, 0.036951, 0.062515, 0.005749],
  ]
}
