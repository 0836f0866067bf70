import Foundation
import Models
import Recordings
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
    let errors = zip(golden.top10Ids, golden.top10Logits).map { abs(Double(logits[$0]) - $1) }
    #expect(errors.max()! < 0.03, "\(errors)")
    #expect(order[0] == golden.top10Ids[0])
    #expect(Set(order.prefix(10)).intersection(golden.top10Ids).count >= 9)
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

extension InferenceTests {
  @Test func greedyContinuationIsTheReference() throws {
    let golden = Golden.vectors.forward[0]
    let session = InferenceSession(try Self.model.get(), capacity: 64)
    try session.feed(golden.ids)
    var written: [Int] = []
    for _ in 0..<8 {
      written.append(session.mostLikely)
      try session.feed([written.last!])
    }
    #expect(written == golden.greedyNext8Ids)
  }

  @Test func likelihoodsAreThoseOfTheLaboratory() throws {
    let ids = Golden.vectors.forward[3].ids
    let session = InferenceSession(try Self.model.get(), capacity: 64)
    let ours =
      try session.logLikelihoods(feeding: Array(ids.prefix(20)))
      + session.logLikelihoods(feeding: Array(ids.dropFirst(20)))
    let reference = try Golden.decoder.get().logLikelihoods([ids])[0]
    #expect(ours.count == reference.count)
    for (a, b) in zip(ours, reference) { #expect(abs(a - b) < 0.05) }
  }

  @Test(arguments: ["plain", "avx2", "avx512"])
  func everyKindOfKernelComputesTheSame(kind: String) { KernelComparison.check(kind) }

  /// What is left out of the feed-forward part is what an ablation in the laboratory leaves out.
  @Test func coreNeuronsAloneAreAnAblationOfTheOthers() throws {
    let ids = Golden.vectors.forward[1].ids
    let model = try Self.model.get()
    let shape = model.configuration
    var generator = RandomGenerator(seed: 1)
    let kept = (0..<shape.blocks).map { block in
      block % 3 == 0 ? nil : generator.subset(600 + block, of: shape.neurons)
    }
    let session = InferenceSession(model, capacity: 64, threads: 2)
    session.core = try CoreWeights(model, neurons: kept)
    try session.feed(ids)
    let ablations = kept.enumerated().compactMap { block, chosen -> Perturbation? in
      guard let chosen else { return nil }
      return Perturbation(
        .ablate, at: SitePattern("blocks.\(block).mlp"),
        neurons: Set(0..<shape.neurons).subtracting(chosen).sorted())
    }
    let reference = try withoutGradients {
      try withInstruments(ablations) { try Golden.decoder.get().lastLogits([ids]) }
    }
    let largest = zip(session.logits, reference.floats).map { abs($0 - $1) }.max()!
    #expect(largest < 0.05, "\(largest)")
  }

  @Test func theObserverSeesTheNeurons() throws {
    let golden = Golden.vectors.forward[0]
    let session = InferenceSession(try Self.model.get(), capacity: 64)
    var seen: [Int: [Float]] = [:]
    session.observer = { activity in
      seen[activity.block] = (0..<8).map { activity.value(token: activity.tokens - 1, neuron: $0) }
    }
    try session.feed(golden.ids)
    for (block, values) in golden.mlpInnerFirst8Lastpos {
      for (a, b) in zip(seen[Int(block)!]!, values) { #expect(abs(Double(a) - b) < 0.01) }
    }
  }

  @Test func wrongTokensAndLongTextsAreErrors() throws {
    let session = InferenceSession(try Self.model.get(), capacity: 16)
    #expect(throws: CajalError.self) { try session.feed([]) }
    #expect(throws: CajalError.self) { try session.feed([49_152]) }
    #expect(throws: CajalError.self) { try session.feed([Int](repeating: 5, count: 17)) }
    try session.feed([Int](repeating: 5, count: 16))
    #expect(throws: CajalError.self) { try session.feed([5]) }
  }
}
