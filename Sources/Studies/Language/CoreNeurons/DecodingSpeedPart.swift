import Figures
import Foundation
import Models
import Probing
import StudyCore
import Support

/// Claim 6: what reading fewer weights saves, and what choosing them costs.
struct DecodingSpeedPart {
  private let bench: CoreBench
  private var options: CoreNeurons.Options { bench.options }
  private var lab: Lab { bench.lab }
  private static let shares = [0.2, 0.4, 0.6]
  /// Seconds that a token takes, by kept share.
  private typealias Times = (dense: Double, none: Double, noneShare: Double, kept: [Double])

  init(_ bench: CoreBench) { self.bench = bench }

  func run() throws {
    let window = bench.corpus.windows(options.promptTokens, atMost: 1, encode: bench.encode)
    guard let prompt = window.first?.tokens else {
      throw CajalError(
        "no topic has \(options.promptTokens) tokens of passages to read before decoding is timed")
    }
    let (times, bytes) = try decoding(prompt)
    let choosing = try choosing(prompt)
    try report(times, bytes, choosing)
  }

  /// Decodes with one thread, all blocks sparse, and all variants in turns so that a busy moment hits none alone.
  private func decoding(_ prompt: [Int]) throws -> (Times, [Int]) {
    let session = bench.session()
    let engine = CoreInference(
      session, selection: options.selection(.meanAbsolute), blocks: 0..<bench.blockCount)
    try engine.prefill(prompt)
    let activity = try CoreReader(bench).activity(prompt)
    // The smallest set that the kernels take: what remains is all but the feed-forward part.
    let smallest = 32.0 / Double(bench.neurons)
    let sets: [NeuronSet?] =
      [nil, activity.core(options.selection(.meanAbsolute, beta: smallest))]
      + Self.shares.map { activity.core(options.selection(.meanAbsolute, beta: $0)) }
    var times = [[Double]](repeating: [], count: sets.count)
    var bytes = [Int](repeating: 0, count: sets.count)
    var generator = lab.generator("decoding")
    for round in 0..<options.repeats {
      for (index, set) in sets.enumerated() {
        try lab.progress(
          "Timing decoding on one core", round * sets.count + index, of: options.repeats * sets.count,
          unit: "runs")
        session.core = nil
        session.rewind(to: prompt.count - 1)
        try session.feed([prompt[prompt.count - 1]])
        try engine.adopt(set)
        bytes[index] = session.core?.feedForwardBytesPerToken ?? session.model.feedForwardBytesPerToken
        var stamps: [ContinuousClock.Instant] = []
        _ = try engine.decode(limit: options.decodedTokens, using: &generator) { _ in
          stamps.append(.now)
          return true
        }
        times[index] += zip(stamps, stamps.dropFirst()).map { ($1 - $0).inSeconds }
      }
    }
    // Others may be at work on the machine: the swift tenth of the tokens was left alone.
    let swift = times.map { $0.sorted()[$0.count / 10] }
    return ((swift[0], swift[1], smallest, Array(swift[2...])), bytes)
  }

  /// The fastest dense reading of a prompt, and what watching and choosing add to it, in seconds, by score.
  private func choosing(_ prompt: [Int]) throws -> (
    plain: Double, selection: [CoreSelection.Score: Double], gathering: Double
  ) {
    var (plain, gathering) = (Double.infinity, Double.infinity)
    var selection: [CoreSelection.Score: Double] = [:]
    let session = bench.session(threads: Threads.count)
    let clock = ContinuousClock()
    for _ in 0..<options.repeats {
      session.rewind()
      session.core = nil
      let time = try clock.measure { try session.feed(prompt) }
      plain = min(plain, time.inSeconds)
      for score in CoreSelection.Score.allCases {
        let engine = CoreInference(session, selection: options.selection(score), blocks: bench.blocks)
        let statistics = try engine.prefill(prompt)
        selection[score] = min(selection[score] ?? .infinity, statistics.selectionSeconds)
        gathering = min(gathering, statistics.gatheringSeconds)
      }
    }
    return (plain, selection, gathering)
  }

  private func report(
    _ times: Times, _ bytes: [Int],
    _ choosing: (plain: Double, selection: [CoreSelection.Score: Double], gathering: Double)
  ) throws {
    // Time outside the feed-forward part by a straight line through no and all neurons.
    let dense = (times.dense - times.none) / (1 - times.noneShare)
    let rest = times.dense - dense
    let ratios = times.kept.map { ($0 - rest) / dense }
    var table = Table(
      name: "speed",
      caption:
        "Decoding \(options.decodedTokens) tokens behind a prompt of \(options.promptTokens) on one core, all blocks sparse; the time that a tenth of the tokens of \(options.repeats) runs stay below.",
      columns: [
        "kept", "tokens/s", "speed-up", "feed-forward time over dense", "feed-forward weights (MB a token)",
      ])
    table.append([
      .number(1), .number(1 / times.dense), .number(1), .number(1), .number(Double(bytes[0]) / 1e6),
    ])
    lab.measure("speed.dense", 1 / times.dense, unit: "tokens/s")
    lab.measure("speed.feedForwardShare", dense / times.dense)
    for (index, share) in Self.shares.enumerated() {
      let name = "speed.kept\(Int(share * 100))"
      lab.measure(name, 1 / times.kept[index], unit: "tokens/s")
      lab.measure("\(name).feedForwardRatio", ratios[index])
      table.append([
        .number(share), .number(1 / times.kept[index]), .number(times.dense / times.kept[index]),
        .number(ratios[index]), .number(Double(bytes[index + 2]) / 1e6),
      ])
    }
    for (score, seconds) in choosing.selection {
      lab.measure("speed.selection.\(score)", seconds / choosing.plain)
    }
    lab.measure("speed.gathering", choosing.gathering, unit: "s")
    lab.measure("speed.prompt", choosing.plain, unit: "s")
    try lab.add(table)
    try draw(times, ratios)
    decide(times, ratios, dense / times.dense, choosing)
  }

  private func draw(_ times: Times, _ ratios: [Double]) throws {
    let shares = Self.shares + [1]
    var plot = Plot(
      name: "speed", title: "Decoding with fewer neurons",
      caption:
        "Speed of decoding on one core by the share of neurons that is kept in all blocks, and what it would be if the feed-forward part took exactly that share of its time.",
      x: .init("kept share of neurons", range: 0...1.05),
      y: .init("tokens a second", range: 0...(1.1 / times.kept[0])))
    let all = times.kept + [times.dense]
    plot.add(.linePoints, "measured", x: shares, y: all.map { 1 / $0 })
    let feedForward = (times.dense - times.none) / (1 - times.noneShare)
    let ideal = shares.map { 1 / (times.dense - feedForward * (1 - $0)) }
    plot.add(.dashed, "in proportion", x: shares, y: ideal)
    try lab.add(plot)
  }

  private func decide(
    _ times: Times, _ ratios: [Double], _ part: Double,
    _ choosing: (plain: Double, selection: [CoreSelection.Score: Double], gathering: Double)
  ) {
    let excess = zip(ratios, Self.shares).map { $0 / $1 }
    let speeds = zip(Self.shares, times.kept).map { "\(short($0 * 100)) % kept \((1 / $1).oneDigit)" }
    lab.add(
      .decided(
        "6a", "The feed-forward part takes time in proportion to the neurons that are kept",
        paper:
          "OPT-6.7B on a TITAN XP 1.92 to 19.83 tokens/s (10.3 x, much of it avoided transfers); Llama-2-7B on an A100 57.2",
        test:
          "decoding on one core, all blocks sparse; the time that a tenth of the tokens of \(options.repeats) runs stay below; time outside the feed-forward part taken from a run with 32 neurons a block",
        criterion: "feed-forward time over dense at most 1.3 times the kept share, at 20, 40 and 60 %",
        measured:
          "dense \((1 / times.dense).oneDigit) tokens/s, \(speeds.joined(separator: ", ")); feed-forward time \(ratios.map(short).joined(separator: ", ")) of dense; it is \(short(part * 100)) % of the whole, whose speed-up is \(times.kept.map { short(times.dense / $0) }.joined(separator: ", "))",
        holds: excess.allSatisfy { $0 <= 1.3 },
        reason: "the time is \(excess.map(short).joined(separator: ", ")) times the kept share",
        unless: excess.contains { $0 < 0.7 }
          ? "the machine was too busy to time: the parts do not add up (\(excess.map(short).joined(separator: ", ")) times the kept share)"
          : nil))
    let share = { (score: CoreSelection.Score) in choosing.selection[score]! / choosing.plain * 100 }
    lab.add(
      .decided(
        "6b", "Choosing costs next to nothing: no predictor runs",
        paper: "no predictor; chosen once a prompt",
        test:
          "a prompt of \(options.promptTokens) tokens on \(Threads.count) threads; the fastest of \(options.repeats)",
        criterion: "choosing by signed counts takes less than 2 % of the time of the prompt",
        measured:
          "prompt \(short(choosing.plain * 1000)) ms; choosing \(short(share(.signed))) % (signed), \(short(share(.meanAbsolute))) % (mean size); gathering the weights \(short(choosing.gathering * 1000)) ms, \(short(choosing.gathering / choosing.plain * 100)) %",
        holds: share(.signed) < 2,
        reason: "counting takes \(short(share(.signed))) %", unless: nil))
  }
}
