import Figures
import Foundation
import Models
import StudyCore
import Support
import Tensors

/// Claim 3: token by token it is the same model, in constant memory and time.
struct RecurrentPart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }

  init(_ bench: HatchlingBench) { self.bench = bench }

  func run() throws {
    try lab.progress("Reading token by token", 0, of: 2)
    let difference = try compare()
    try lab.progress("Timing", 1, of: 2)
    let own = try hatchlingTimes()
    let other = gptTimes()
    let shape = bench.hatchling().configuration
    let ratio = own.last!.seconds / own[0].seconds
    lab.measure("recurrent.difference", difference)
    lab.measure("recurrent.longOverShort", ratio)
    lab.measure("recurrent.microsecondsPerToken", own.last!.seconds * 1e6)
    lab.add(
      .decided(
        "3a", "The recurrent form computes what the parallel form computes",
        paper: "the two are one model (Equation 8 and appendix B)",
        test:
          "logits of \(length) held-out bytes in one parallel pass, byte by byte, and in pieces of 64 that carry the state on; trained model, 32-bit floats",
        criterion: "no logit differs by more than 1e-4", measured: "largest difference \(short(difference))",
        holds: difference <= 1e-4, reason: "rounding of 32-bit floats adds up to more",
        unless: nil))
    let state = own.map(\.state)
    let isConstant = state.allSatisfy { $0 == shape.stateCount }
    let slowest = other.last!.seconds / other[0].seconds
    lab.add(
      .decided(
        "3b", "Time and memory for a byte do not grow with the text",
        paper: "the state has a fixed size of L n d numbers; a Transformer's cache grows with the text",
        test:
          "32 bytes written behind \(options.contexts.map(String.init).joined(separator: ", ")), the fastest of seven rounds; a GPT of the same number of parameters with a cache of keys and values beside it",
        criterion:
          "behind the longest text a byte takes at most 1.3 times as long as behind the shortest, and the state has L n d numbers everywhere",
        measured:
          "\(own.map { short($0.seconds * 1e6) }.joined(separator: ", ")) µs a byte (\(short(ratio)) times), \(state[0]) numbers throughout; GPT \(other.map { short($0.seconds * 1e6) }.joined(separator: ", ")) µs (\(short(slowest)) times), \(other.map { String($0.state) }.joined(separator: ", ")) numbers",
        holds: ratio <= 1.3 && isConstant,
        reason: isConstant
          ? "times differ by more: other programs ran beside it" : "the state's size changed",
        unless: nil))
    try draw(own, other)
  }

  private typealias Timing = (context: Int, seconds: Double, state: Int)

  private var length: Int { min(256, bench.heldOut.stretches.map(\.count).max()!) }

  private func compare() throws -> Double {
    let model = bench.hatchling()
    let bytes = bench.heldOut.stretches.max { $0.count < $1.count }!.prefix(length).map(Int.init)
    let parallel = withoutGradients { model(Tensor(bytes, shape: [1, bytes.count])) }.floats
    let stepwise = try DragonHatchlingSession(model)
    let single = bytes.flatMap { stepwise.feed([$0]) }
    let pieces = try DragonHatchlingSession(model).logits(feeding: bytes).flatMap { $0 }
    return zip(parallel, zip(single, pieces)).map { Double(max(abs($0 - $1.0), abs($0 - $1.1))) }.max()!
  }

  /// Seconds a byte of the fastest of seven rounds.
  private func fastest(_ bytes: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    return (0..<7).map { _ in clock.measure(body).inSeconds / Double(bytes) }.min()!
  }

  private func hatchlingTimes() throws -> [Timing] {
    try options.contexts.sorted().map { context in
      let session = try DragonHatchlingSession(bench.hatchling())
      let text = bench.training.stretches.lazy.flatMap { $0 }.prefix(context).map(Int.init)
      session.feed(Array(text))
      var generator = lab.generator("timing")
      let seconds = fastest(32) {
        _ = session.generate(32, sampler: Sampler(temperature: 1, topK: 3), using: &generator)
      }
      return (context, seconds, session.stateCount)
    }
  }

  /// Time depends on sizes, not on weights: a fresh GPT with a context long enough.
  private func gptTimes() -> [Timing] {
    var shape = options.gpt(options.width)
    let contexts = options.contexts.sorted()
    // Timing writes 56 bytes more behind each.
    shape.contextLength = contexts.last! + 56 * contexts.count
    var generator = lab.generator("long GPT")
    let model = GPT(shape, using: &generator)
    model.evaluate()
    let cache = GPT.Cache(shape)
    return contexts.map { context in
      while cache.position < context { _ = model.step(cache.position % 256, cache) }
      let state = cache.stateCount
      return (context, fastest(8) { for _ in 0..<8 { _ = model.step(65, cache) } }, state)
    }
  }

  private func draw(_ own: [Timing], _ other: [Timing]) throws {
    func axis(_ label: String, _ unit: String?) -> Plot.Axis { .init(label, unit: unit, scale: .log) }
    var time = Plot(
      name: "time-context", title: "Time for a byte against what was read before",
      caption:
        "The fastest of seven rounds of 32 bytes. The GPT runs through general tensor operations, the hatchling through kernels of its own: slopes are to be compared, not heights.",
      x: axis("bytes read", nil), y: axis("time for a byte", "µs"))
    var memory = Plot(
      name: "memory-context", title: "Memory against what was read before",
      caption: "Numbers that are kept of the text: the hatchling's synapses, the GPT's keys and values.",
      x: axis("bytes read", nil), y: axis("numbers kept", nil))
    for (label, timings) in [("BDH, recurrent", own), ("GPT with cache", other)] {
      let contexts = timings.map { Double($0.context) }
      time.add(.linePoints, label, x: contexts, y: timings.map { $0.seconds * 1e6 })
      memory.add(.linePoints, label, x: contexts, y: timings.map { Double($0.state) })
    }
    try lab.add(time)
    try lab.add(memory)
  }
}
