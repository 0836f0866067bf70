import BenchmarkSuite
import Foundation
import Neurons
import StudyCore
import Support

/// `cajal bench`
enum BenchCommand {
  /// Rounds in which ours and the peer take turns, so that a slow moment of the machine meets both.
  private static let rounds = 3

  private struct Row: Encodable {
    let name, summary: String
    /// Median seconds of one repetition.
    let seconds: Double
    let peakMemory: Int
    let rate: String
    let peer: String?
    let peerSeconds: Double?
    let peerMemory: Int?
    /// How many times faster ours is; the target, if one was set.
    let ratio, target: Double?
    let notes: [String: Double]
    let peerNotes: [String: Double]
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    if let name = arguments.value("sample") { return try sample(name) }
    let chosen = try arguments.operands.map(find)
    let python = arguments.value("python") ?? ProcessInfo.processInfo.environment["CAJAL_BENCH_PYTHON"]
    let peers = try python.map { try peerFolder(beside: $0) }
    if peers == nil { say("without the peers: 'make bench' runs them beside ours") }
    let asJSON = arguments.has("json")
    let rows = try (chosen.isEmpty ? Benchmarks.all : chosen).map { benchmark in
      let row = try measure(benchmark, python, peers)
      if !asJSON { show(row) }
      return row
    }
    if asJSON { try printJSON(rows) }
    return 0
  }

  private static func find(_ name: String) throws -> Benchmark {
    if let found = (Benchmarks.all + Benchmarks.hidden).first(where: { $0.name == name }) { return found }
    let names = Benchmarks.all.map(\.name)
    throw UsageError(
      "there is no benchmark '\(name)'\(suggestion(name, among: names)); there are \(names.joined(separator: ", "))"
    )
  }

  /// Runs one benchmark here and prints what it gave: the other end of ``measure(_:_:_:)``.
  private static func sample(_ name: String) throws -> Int32 {
    let sample = try JSONEncoder().encode(find(name).run())
    // One of several ranks speaks for all.
    if try Ranks.joined()?.index ?? 0 == 0 { print(String(decoding: sample, as: UTF8.self)) }
    return 0
  }

  /// Each measurement is a process of its own, so that peak memory is that of this work alone.
  private static func measure(_ benchmark: Benchmark, _ python: String?, _ peers: URL?) throws -> Row {
    var (ours, theirs): ([Benchmark.Sample], [Benchmark.Sample]) = ([], [])
    for _ in 0..<rounds {
      ours.append(try own(benchmark))
      guard let python, let peers, let peer = benchmark.peer else { continue }
      theirs.append(
        try child(
          python, [peers.appendingPathComponent(peer.script).path, benchmark.name],
          "\(peer.name)'s '\(benchmark.name)'"))
    }
    let seconds = median(ours.flatMap(\.seconds))
    let peerSeconds = theirs.isEmpty ? nil : median(theirs.flatMap(\.seconds))
    return Row(
      name: benchmark.name, summary: benchmark.summary, seconds: seconds,
      peakMemory: ours.map(\.peakMemory).max() ?? 0,
      rate: "\(NumberText.short(benchmark.work.count / seconds)) \(benchmark.work.unit)/s",
      peer: theirs.isEmpty ? nil : benchmark.peer?.name, peerSeconds: peerSeconds,
      peerMemory: theirs.map(\.peakMemory).max(), ratio: peerSeconds.map { $0 / seconds },
      target: benchmark.target,
      notes: ours.last?.notes ?? [:], peerNotes: theirs.last?.notes ?? [:])
  }

  /// A process of ours, or several together.
  private static func own(_ benchmark: Benchmark) throws -> Benchmark.Sample {
    let (words, what) = (["bench", "--sample", benchmark.name], "our '\(benchmark.name)'")
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    guard benchmark.ranks > 1 else { return try child(program, words, what) }
    let asRoot = geteuid() == 0 ? ["--allow-run-as-root"] : []
    return try child(
      "mpirun", ["--oversubscribe"] + asRoot + ["-n", "\(benchmark.ranks)", program] + words, what)
  }

  private static func child(_ program: String, _ arguments: [String], _ what: String) throws
    -> Benchmark.Sample
  {
    let result = try Program.run(program, arguments, showsErrors: true)
    guard result.status == 0,
      let sample = try? JSONDecoder().decode(Benchmark.Sample.self, from: result.output)
    else { throw CajalError("\(what) failed: \(String(decoding: result.output.suffix(300), as: UTF8.self))") }
    return sample
  }

  private static func show(_ row: Row) {
    print("\(row.name): \(row.summary)")
    print("  ours     \(text(row.seconds)), \(row.rate), \(NumberText.bytes(row.peakMemory))")
    if let peer = row.peer, let seconds = row.peerSeconds, let memory = row.peerMemory, let ratio = row.ratio
    {
      let asked = row.target.map { ", asked for \(NumberText.short($0))" } ?? ""
      print("  \(pad(peer, 8)) \(text(seconds)), \(NumberText.bytes(memory))")
      print(
        String(
          format: "  ratio    %.2f times the speed\(asked); %.2f of the memory", ratio,
          Double(row.peakMemory) / Double(memory)))
    }
    for name in Set(row.notes.keys).union(row.peerNotes.keys).sorted() {
      let sides = [row.notes[name], row.peerNotes[name]].map { $0.map(NumberText.short) ?? "–" }
      print("  \(name): \(row.peerNotes.isEmpty ? sides[0] : sides.joined(separator: " : "))")
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds < 1 ? String(format: "%.3f ms", seconds * 1e3) : String(format: "%.3f s", seconds)
  }

  private static func peerFolder(beside python: String) throws -> URL {
    guard let folder = Source.file("Benchmarks/peers") else {
      throw CajalError("the peers' programs, Benchmarks/peers, are not above the program")
    }
    return folder
  }
}
