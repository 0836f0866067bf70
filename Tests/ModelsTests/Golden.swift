import Foundation
import Models
import Support
import Tensors

/// Reference vectors of SmolLM2, and the model, opened once.
enum Golden {
  struct Vectors: Decodable {
    struct Tokenised: Decodable { let text: String, ids: [Int] }
    struct Forward: Decodable {
      let prompt: String
      let ids, top10Ids, greedyNext8Ids: [Int]
      let top10Logits: [Double]
      let logitMean, logitStd, logsumexp, meanNllOfPrompt: Double
      let mlpInnerFirst8Lastpos: [String: [Double]]
      let residNormThenFirst6LastposAfterBlock: [String: [Double]]
    }
    struct Block: Decodable {
      let tensor: String
      let row: Int
      let firstBlockBytesHex: String
      let first32: [Float]
      let rowSum, rowNorm: Double
    }
    let tokenize: [Tokenised]
    let forward: [Forward]
    let dequant: [Block]
  }

  static let vectors: Vectors = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/_smollm2.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode(Vectors.self, from: Data(contentsOf: url))
  }()

  static let file: Result<GGUFFile, any Error> = Result { try GGUFFile(LanguageModel.smolLM2File()) }
  static let decoder: Result<Decoder, any Error> = Result { try Decoder(file.get()) }
}
