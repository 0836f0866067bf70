import Datasets
import Foundation
import Neurons
import Recordings
import StudyCore
import Support
import Synchronization

/// `cajal simulate`
enum SimulateCommand {
  static let syntax = CommandSyntax(
    name: "simulate", operands: "FILE",
    summary: "Simulate a network of spiking neurons written down as JSON or NIR.",
    flags: [
      .init(name: "duration", value: "TIME", help: "how long, as 500ms or 2s; the file's otherwise"),
      .init(name: "seed", value: "N", help: "seed of all that is drawn; the file's otherwise"),
      .init(
        name: "precision", value: "KIND", help: "single or double; the file's otherwise",
        choices: Precision.allCases.map(\.rawValue)),
      .init(name: "threads", value: "N", help: "threads of this process (of each rank); chosen by size"),
      .init(name: "step", value: "TIME", help: "the time step of a NIR file (0.1ms)"),
      .init(
        name: "data", value: "[NAME=]FILE", help: "recorded spikes as the source NAME, or as the only one",
        repeats: true),
      .init(name: "out", value: "DIR", help: "where report, pictures and recorded spikes go"),
      .init(
        name: "format", value: "KIND", help: "of recorded spikes and variables: npz, nwb or csv (npz)",
        choices: ["npz", "nwb", "csv"]),
      .init(name: "json", value: nil, help: "print JSON, for programs"),
    ],
    examples: [
      ("cajal simulate docs/examples/networks/cuba.json", "4,000 neurons for a second: rates and speed"),
      ("cajal simulate cuba.json --duration 5s --seed 7 --out cuba", "with a report, and all spikes as NPZ"),
      (
        "cajal simulate model.nir --data digit.npz --out answer",
        "a network of another library, on your spikes"
      ),
      ("mpirun -n 2 cajal simulate cuba.json", "the same spikes from two processes"),
    ])

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.count == 1 else {
      throw UsageError("expected one file: a network as .json or .nir")
    }
    let options = try SimulateOptions(arguments)
    guard let ranks = try Ranks.joined() else { return try run(options, nil) }
    do {
      return try run(options, ranks)
    } catch {
      // All ranks fail alike; one speaks, and none leaves before it has.
      if ranks.index == 0 { say("cajal: \(error)") }
      try ranks.barrier()
      return 1
    }
  }

  private static func run(_ options: SimulateOptions, _ ranks: Ranks?) throws -> Int32 {
    let clock = ContinuousClock()
    let isSpeaking = ranks?.index ?? 0 == 0
    let start = clock.now
    let (file, duration) = try together(ranks) { try options.read() }
    if let ranks { try checkAlike(options.url, ranks) }
    let simulation = try together(ranks) {
      // Whatever is drawn while it is built follows from the seed.
      try ranks.map {
        try Simulation(file.network, precision: file.precision, threads: options.threads, on: $0)
      } ?? Simulation(file.network, precision: file.precision, threads: options.threads)
    }
    let built = clock.now
    if isSpeaking { say("\(file.name): built in \(NumberText.duration((built - start).inSeconds))") }
    let isWhole = try advance(simulation, duration, file.name, shows: isSpeaking, isAlone: ranks == nil)
    let ended = clock.now
    guard let results = try simulation.results(on: ranks) else { return 0 }
    var summary = SimulationSummary(file, simulation, results, ranks: ranks?.count ?? 1)
    summary.building = (built - start).inSeconds
    summary.simulating = (ended - built).inSeconds
    if let folder = options.folder {
      summary.files = try SimulationReport(summary, results, options.command).write(
        to: folder, options.format)
    }
    if options.printsJSON { try printJSON(summary) } else { summary.print(options.folder) }
    return isWhole ? 0 : 130
  }

  /// What all ranks do alike, alone or together.
  private static func together<Result>(_ ranks: Ranks?, _ body: () throws -> Result) throws -> Result {
    try ranks.map { try $0.together(body) } ?? body()
  }

  private static func checkAlike(_ url: URL, _ ranks: Ranks) throws {
    let own = [UInt8](Fingerprint.of((try? Data(contentsOf: url)) ?? Data()).utf8)
    guard Set(try ranks.all(own)).count == 1 else {
      throw CajalError("the ranks do not see the same \(url.path): it must be the same file on all machines")
    }
  }

  /// Runs to the end, or until Ctrl-C; whether it came to its end.
  private static func advance(
    _ simulation: Simulation, _ duration: Time, _ name: String, shows: Bool, isAlone: Bool
  ) throws -> Bool {
    let display = ProgressDisplay()
    let isStopped = Atomic<Bool>(false)
    let total = Int(duration.value.rounded())
    return try withExtendedLifetime(isStopped) {
      // Ranks end together, and not before their time.
      let handler = isAlone ? InterruptionHandler { isStopped.store(true, ordering: .relaxed) } : nil
      defer { withExtendedLifetime(handler) { display.finish() } }
      return try simulation.run(for: duration) { time in
        if shows {
          display.show(
            Lab.ProgressReport(stage: name, completed: Int(time.value), total: total, unit: "ms"))
        }
        return !isStopped.load(ordering: .relaxed)
      }
    }
  }
}
