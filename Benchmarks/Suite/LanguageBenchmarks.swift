import Datasets
import Foundation
import Models
import Support
import Tensors

/// SmolLM2-135M beside llama.cpp (the same file, the same threads) and beside Python's transformers.
enum LanguageBenchmarks {
  static let all: [Benchmark] =
    [1, 2].map(decoding) + [1, 2].map(prefill) + [firstToken, laboratory]
    + [1, 2].map(sparseFeedForward)

  private static let llama = (script: "language.py", name: "llama.cpp")

  private static func session(_ threads: Int) throws -> InferenceSession {
    Threads.count = threads
    let model = try InferenceModel(GGUFFile(LanguageModel.smolLM2File()))
    FreedMemory.release()
    return InferenceSession(model, capacity: 1_024, threads: threads)
  }

  private static func decoding(_ threads: Int) -> Benchmark {
    Benchmark(
      "lm-decode-\(threads)",
      "64 tokens written one after the other, behind a prompt of 32, \(threads) thread\(threads > 1 ? "s" : "")",
      work: (64, "tokens"), peer: llama, target: 2
    ) {
      let session = try session(threads)
      try session.feed(Array(500..<532))
      var sample = try Benchmark.time(9) {
        session.rewind(to: 32)
        for index in 0..<64 { try session.feed([600 + index]) }
      }
      let rate = 64 / median(sample.seconds)
      let limit = readingRate(session.model.bytesPerToken, threads: threads)
      sample.notes = [
        "tokens/s if weights were only read": limit, "share of that limit": rate / limit,
        "peak memory / file": Double(sample.peakMemory) / 98_362_432,
      ]
      return sample
    }
  }

  /// How often in a second so many bytes can be read.
  private static func readingRate(_ bytes: Int, threads: Int) -> Double {
    let count = bytes / 8
    let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    memory.initialize(repeating: 1, count: count)
    defer { memory.deallocate() }
    let base = SendableAddress(memory)
    let sample = Benchmark.time(5) {
      let sums = parallelMap(threads) { part -> UInt64 in
        var (a, b, c, d) = (SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>())
        let start = UnsafeRawPointer(base.pointer! + count / threads * part)
        for place in stride(from: 0, to: count / threads * 8 - 255, by: 256) {
          a &+= start.loadUnaligned(fromByteOffset: place, as: SIMD8<UInt64>.self)
          b &+= start.loadUnaligned(fromByteOffset: place + 64, as: SIMD8<UInt64>.self)
          c &+= start.loadUnaligned(fromByteOffset: place + 128, as: SIMD8<UInt64>.self)
          d &+= start.loadUnaligned(fromByteOffset: place + 192, as: SIMD8<UInt64>.self)
        }
        return (a &+ b &+ c &+ d).wrappedSum()
      }
      precondition(sums.reduce(0, &+) > 0)
    }
    return 1 / sample.seconds.min()!
  }

  private static func prefill(_ threads: Int) -> Benchmark {
    Benchmark(
      "lm-prefill-\(threads)",
      "a prompt of 512 tokens read, \(threads) thread\(threads > 1 ? "s" : "")",
      work: (512, "tokens"), peer: llama, target: 2.5
    ) {
      let session = try session(threads)
      let prompt = Array(100..<612)
      return try Benchmark.time(9) {
        session.rewind()
        try session.feed(prompt)
      }
    }
  }

  /// The peer's work for this is the same, in a process that has its library already.
  private static let firstToken = Benchmark(
    "lm-first-token",
    "from the file to the first token behind a prompt of five, file in the system's cache (asked for: under 150 ms)",
    work: (1, "starts"), peer: llama
  ) {
    let file = try LanguageModel.smolLM2File()
    var generator = RandomGenerator(seed: 1)
    return try Benchmark.time(9) {
      let model = try TextGenerator(contentsOf: file, capacity: 256)
      let prompt = model.tokenizer.encode("The capital of France is")
      let outcome = try model.generate(prompt, limit: 1, using: &generator)
      precondition(outcome.text == " Paris", "wrote '\(outcome.text)'")
    }
  }

  private static let laboratory = Benchmark(
    "lm-laboratory",
    "the forward pass of 4 texts of 256 tokens in 32-bit floats, logits of the last position",
    work: (1_024, "tokens"), peer: ("transformers_forward.py", "transformers"), target: 1
  ) {
    let decoder = try Decoder(GGUFFile(LanguageModel.smolLM2File()))
    let texts = (0..<4).map { text in (0..<256).map { 100 + 256 * text + $0 } }
    return Benchmark.time(5) { _ = withoutGradients { decoder.lastLogits(texts) } }
  }

  /// Dense and sparse decoding in turns; what is timed is the sparse one.
  private static func sparseFeedForward(_ threads: Int) -> Benchmark {
    Benchmark(
      "lm-sparse-\(threads)",
      "64 tokens with 40 % of the neurons of every block, \(threads) thread\(threads > 1 ? "s" : "")",
      work: (64, "tokens")
    ) {
      let session = try session(threads)
      try session.feed(Array(500..<532))
      var generator = RandomGenerator(seed: 1)
      let shape = session.model.configuration
      let chosen = (0..<shape.blocks).map { _ in
        generator.subset(shape.neurons * 2 / 5, of: shape.neurons)
      }
      let core = try CoreWeights(session.model, neurons: chosen)
      let none = try CoreWeights(session.model, neurons: chosen.map { _ in [] })
      func seconds(_ core: CoreWeights?) throws -> Benchmark.Sample {
        session.core = core
        return try Benchmark.time(9) {
          session.rewind(to: 32)
          for index in 0..<64 { try session.feed([600 + index]) }
        }
      }
      let (dense, rest) = (try seconds(nil), try seconds(none))
      var sample = try seconds(core)
      let (d, s, r) = (median(dense.seconds), median(sample.seconds), median(rest.seconds))
      sample.notes = [
        "dense / sparse, whole model": d / s,
        "dense / sparse, feed-forward part (asked for: 1.5)": (d - r) / (s - r),
        "share of feed-forward bytes read":
          Double(core.feedForwardBytesPerToken) / Double(session.model.feedForwardBytesPerToken),
      ]
      return sample
    }
  }
}
