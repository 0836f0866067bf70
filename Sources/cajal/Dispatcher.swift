import StudyCore
import Support

/// Finds the command and runs it.
enum Dispatcher {
  static func run(_ words: ArraySlice<String>) throws -> Int32 {
    guard let first = words.first else {
      say(Commands.overview)
      return 2
    }
    if ["help", "--help", "-h"].contains(first) { return try help(words.dropFirst().first) }
    if first == "--version" { return try run(["version"]) }
    guard let syntax = Commands.all.first(where: { $0.name == first }) else {
      throw UsageError(
        "there is no command '\(first)'\(suggestion(first, among: Commands.all.map(\.name))) ('cajal help' lists them)"
      )
    }
    let rest = words.dropFirst()
    if rest.contains("--help") || rest.contains("-h") { return try help(first) }
    let arguments = try Arguments(rest, syntax)
    switch first {
    case "papers": return try PapersCommand.run(arguments)
    case "run": return try RunCommand.run(arguments)
    case "show": return try ShowCommand.run(arguments)
    case "results": return try ResultsCommand.run(arguments)
    case "gallery": return try GalleryCommand.run(arguments)
    case "verify": return try VerifyCommand.run(arguments)
    case "data": return try DataCommand.run(arguments)
    case "simulate": return try SimulateCommand.run(arguments)
    case "tokens": return try TokensCommand.run(arguments)
    case "generate": return try GenerateCommand.generate(arguments)
    case "chat": return try GenerateCommand.chat(arguments)
    case "record": return try RecordCommand.run(arguments)
    case "recording": return try RecordingCommand.run(arguments)
    case "probe": return try ProbeCommand.run(arguments)
    case "perturb": return try PerturbCommand.run(arguments)
    case "compare": return try CompareCommand.run(arguments)
    case "bench": return try BenchCommand.run(arguments)
    case "completion":
      print(try Completion.script(for: arguments.operands.first ?? ""))
    default:
      print("cajal \(cajalVersion)")
    }
    return 0
  }

  private static func help(_ topic: String?) throws -> Int32 {
    guard let topic else {
      print(Commands.overview)
      return 0
    }
    guard let syntax = Commands.all.first(where: { $0.name == topic }) else {
      throw UsageError("there is no command '\(topic)'\(suggestion(topic, among: Commands.all.map(\.name)))")
    }
    print(syntax.help)
    return 0
  }
}
