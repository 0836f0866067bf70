import Support

/// A wrong call: exit code 2.
struct UsageError: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
  init(_ message: String) { self.message = message }
}

/// What a command takes; help, errors and shell completion come from this one description.
struct CommandSyntax {
  struct Flag {
    let name: String
    /// The name of its value in help; nil for a switch.
    let value: String?
    let help: String
    var choices: [String] = []
    var repeats = false
  }

  let name: String
  /// The words after the command: `SLUG…`, `[WORDS…]`.
  let operands: String
  let summary: String
  let flags: [Flag]
  /// Lines that can be typed as they are, each with what it does.
  let examples: [(line: String, meaning: String)]
  /// What an operand may be, for completion: `slugs`, `shells` or nothing.
  var completes = ""
  /// Commands of two words that start with this one: `papers add`.
  var subcommands: [CommandSyntax] = []

  /// The text of `cajal help NAME`.
  var help: String {
    let usage = ["cajal", name, operands, flags.isEmpty ? "" : "[options]"].filter { !$0.isEmpty }
    var lines = ["\(summary)", "", "Usage: \(usage.joined(separator: " "))"]
    if !flags.isEmpty {
      lines += ["", "Options:"]
      let heads = flags.map { "--\($0.name)" + ($0.value.map { " \($0)" } ?? "") }
      let width = heads.map(\.count).max() ?? 0
      lines += zip(heads, flags).map { "  \(pad($0, width))  \($1.help)" }
    }
    if !subcommands.isEmpty {
      lines += ["", "Further commands ('cajal help \(name) WORD' tells all about one):"]
      let heads = subcommands.map { "cajal \($0.name) \($0.operands)" }
      let width = heads.map(\.count).max() ?? 0
      lines += zip(heads, subcommands).map { "  \(pad($0, width))  \($1.summary)" }
    }
    lines += ["", "Examples:"] + examples.map { "  \($0.line)\n      \($0.meaning)" }
    return lines.joined(separator: "\n")
  }
}

/// Text filled with spaces to a width.
func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The arguments of one call, checked against the syntax.
struct Arguments {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// - Throws: `UsageError` that names the culprit and what would be right.
  init(_ words: ArraySlice<String>, _ syntax: CommandSyntax) throws {
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.count > 2 else {
        operands.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      guard let flag = syntax.flags.first(where: { $0.name == parts[0] }) else {
        throw UsageError(
          "'cajal \(syntax.name)' has no option --\(parts[0])"
            + suggestion(parts[0], among: syntax.flags.map(\.name), prefix: "--"))
      }
      guard flag.value != nil else {
        guard parts.count == 1 else { throw UsageError("--\(flag.name) takes no value") }
        values[flag.name, default: []].append("true")
        continue
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw UsageError("--\(flag.name) needs a value: --\(flag.name) \(flag.value!)")
      }
      guard flag.choices.isEmpty || flag.choices.contains(value) else {
        throw UsageError(
          "--\(flag.name) is '\(value)', expected one of \(flag.choices.joined(separator: ", "))")
      }
      guard flag.repeats || values[flag.name] == nil else {
        throw UsageError("--\(flag.name) is given twice")
      }
      values[flag.name, default: []].append(value)
    }
  }

  func has(_ flag: String) -> Bool { values[flag] != nil }
  func value(_ flag: String) -> String? { values[flag]?.last }
  func all(_ flag: String) -> [String] { values[flag] ?? [] }
}
