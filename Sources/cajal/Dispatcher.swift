import StudyCore
import Support

/// Finds the command and runs it.
enum Dispatcher {
  static func run(_ words: ArraySlice<String>) throws -> Int32 {
    guard let first = words.first else {
      say(Commands.overview)
      return 2
    }
    if ["help", "--help", "-h"].contains(first) { return try help(words.dropFirst()) }
    if first == "--version" { return try run(["version"]) }
    guard let (syntax, rest) = find(words) else {
      throw UsageError(
        "there is no command '\(first)'\(suggestion(first, among: Commands.all.map(\.name))) ('cajal help' lists them)"
      )
    }
    if rest.contains("--help") || rest.contains("-h") { return try help(words) }
    let arguments = try Arguments(rest, syntax)
    switch syntax.name {
    case "papers": return try PapersCommand.run(arguments)
    case let name where name.hasPrefix("papers "): return try PapersCommand.run(name, arguments)
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

  /// The command that the first words name, of one word or of two, and the words that follow it.
  private static func find(_ words: ArraySlice<String>) -> (CommandSyntax, ArraySlice<String>)? {
    guard let syntax = Commands.all.first(where: { $0.name == words.first }) else { return nil }
    let rest = words.dropFirst()
    let second = rest.first.flatMap { word in
      syntax.subcommands.first { $0.name == "\(syntax.name) \(word)" }
    }
    return second.map { ($0, rest.dropFirst()) } ?? (syntax, rest)
  }

  private static func help(_ words: ArraySlice<String>) throws -> Int32 {
    guard let topic = words.first else {
      print(Commands.overview)
      return 0
    }
    guard let (syntax, _) = find(words) else {
      throw UsageError("there is no command '\(topic)'\(suggestion(topic, among: Commands.all.map(\.name)))")
    }
    print(syntax.help)
    return 0
  }
}
