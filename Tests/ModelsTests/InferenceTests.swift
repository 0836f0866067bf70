import Foundation
import Models
import Support
import Tensors
import Testing

/// The quantised way against the laboratory and the reference's tokens.
struct InferenceTests {
  static let model: Result<InferenceModel, any Error> = Result { try InferenceModel(Golden.file.get()) }

  @Test(arguments: Golden.vectors.forward.map(\.prompt), [1, 2])
  func logitsAreNearTheReference(prompt: String, threads: Int) throws {
    let golden = Golden.vectors.forward.first { $0.prompt == prompt }!
    let session = InferenceSession(try Self.model.get(), capacity: 256, threads: threads)
    try session.feed(golden.ids)
    let logits = session.logits
    let order = logits.indices.sorted { logits[$0] > logits[$1] }
    #expect(order[0] == golden.top10Ids[0])
    #expect(Set(order.prefix(10)).intersection(golden.top10Ids).count >= 8)
    let errors = zip(golden.top10Ids, golden.top10Logits).map { abs(Double(logits[$0]) - $1) }
    #expect(errors.reduce(0, +) / 10 < 0.35, "\(errors)")
  }
}

extension InferenceTests {
  /// How tokens come in does not matter.
  @Test func tokensTogetherAreTokensOneByOne() throws {
    let golden = Golden.vectors.forward[3]
    let model = try Self.model.get()
    let together = InferenceSession(model, capacity: 256, threads: 1)
    try together.feed(golden.ids)
    let single = InferenceSession(model, capacity: 256, threads: 2)
    for id in golden.ids { try single.feed([id]) }
    let largest = zip(together.logits, single.logits).map { abs($0 - $1) }.max()!
    #expect(largest < 1e-3, "\(largest)")
  }
}
