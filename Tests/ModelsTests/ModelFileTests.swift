import Foundation
import Models
import Support
import Tensors
import Testing

/// Models in and out of files, and files that are damaged.
struct ModelFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("cajal-model-\(UInt64.random(in: 0...(.max)))")
  private let tokens = [3, 14, 15, 9, 2, 6, 5, 35, 8]

  private func written(_ bytes: [UInt8]) throws -> URL {
    let url = folder.appendingPathComponent("model.gguf")
    try AtomicFile.write(Data(bytes), to: url)
    return url
  }

  @Test(arguments: [true, false])
  func aModelGoesThroughAGGUFFile(ties: Bool) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let decoder = SmallModel.decoder(.adjacent, ties: ties)
    let file = try GGUFFile(written(SmallModel.gguf(decoder)))
    let again = try Decoder(file)
    #expect(again.configuration == decoder.configuration)
    let expected = withoutGradients { decoder.lastLogits([tokens]).floats }
    #expect(withoutGradients { again.lastLogits([tokens]).floats } == expected)
    let session = InferenceSession(try InferenceModel(file), capacity: 32)
    try session.feed(tokens)
    let scale = expected.map(abs).max()!
    for (a, b) in zip(session.logits, expected) { #expect(abs(a - b) < 0.06 * scale) }
  }

  @Test(arguments: [true, false])
  func aModelGoesThroughAHuggingFaceFolder(ties: Bool) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let decoder = SmallModel.decoder(.halves, ties: ties)
    try SmallModel.writeFolder(decoder, to: folder)
    let again = try HuggingFaceFolder(folder).decoder()
    let expected = withoutGradients { decoder.lastLogits([tokens]).floats }
    #expect(withoutGradients { again.lastLogits([tokens]).floats } == expected)
    // The kernels want pairs as neighbours: rows are reordered on the way.
    let session = InferenceSession(try InferenceModel(again), capacity: 32)
    try session.feed(tokens)
    let scale = expected.map(abs).max()!
    for (a, b) in zip(session.logits, expected) { #expect(abs(a - b) < 0.06 * scale) }
  }

  @Test func whatAModelDoesNotKnowIsAnError() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try SmallModel.writeFolder(SmallModel.decoder(), to: folder)
    let file = folder.appendingPathComponent("config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    for (good, bad) in [
      ("\"llama\"", "\"falcon\""), ("\"silu\"", "\"gelu\""),
      ("\"hidden_size\":64", "\"hidden_size\":65"), ("\"vocab_size\"", "\"size\""),
    ] {
      #expect(text.contains(good), "\(good) in \(text)")
      try Data(text.replacingOccurrences(of: good, with: bad).utf8).write(to: file)
      #expect(throws: CajalError.self) { try HuggingFaceFolder(folder).decoder() }
    }
    #expect(throws: CajalError.self) { try LanguageModel(contentsOf: folder.appendingPathComponent("none")) }
  }

  @Test func damagedGGUFFilesAreErrorsAndNoCrashes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = SmallModel.gguf(SmallModel.decoder(.adjacent))
    var generator = RandomGenerator(seed: 9)
    var failures = 0
    for round in 0..<400 {
      var bytes = whole
      if round % 4 == 0 {
        bytes.removeLast(generator.integer(below: bytes.count))
      } else {
        // Damage the head, where lengths and offsets stand.
        for _ in 0...generator.integer(below: 3) {
          let place = generator.integer(below: 3_000)
          bytes[place] = round % 4 == 1 ? 0xFF : UInt8(truncatingIfNeeded: generator.next())
        }
      }
      do {
        let file = try GGUFFile(written(bytes))
        _ = try BytePairTokenizer(file)
        _ = try Decoder(file)
      } catch is CajalError { failures += 1 }
    }
    #expect(failures > 200)
  }

  @Test func theFormatsOfBlocksDecodeAsTheReferenceSays() throws {
    // Made with the reference's own quantiser: `gguf` of the Python package index.
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/gguf-blocks.json")
    struct Case: Decodable { let format: UInt32, hex: String, values: [Float] }
    for golden in try JSONDecoder().decode([Case].self, from: Data(contentsOf: url)) {
      let format = try #require(BlockFormat(rawValue: golden.format))
      var digits = golden.hex[...]
      var bytes: [UInt8] = []
      while !digits.isEmpty {
        bytes.append(UInt8(digits.prefix(2), radix: 16)!)
        digits = digits.dropFirst(2)
      }
      var values = [Float](repeating: 0, count: golden.values.count)
      bytes.withUnsafeBytes { source in
        values.withUnsafeMutableBufferPointer {
          format.decode(source, into: $0.baseAddress!, count: golden.values.count)
        }
      }
      for (a, b) in zip(values, golden.values) { #expect(abs(a - b) <= 1e-6 * max(1, abs(b)), "\(format)") }
    }
  }
}
