import Models
import Tensors

/// The tokenizer of the real model, read once.
enum SmolLM2Vocabulary {
  static let tokenizer = Result { try BytePairTokenizer(GGUFFile(LanguageModel.smolLM2File())) }
}
