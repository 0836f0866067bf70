import BenchmarkSuite
import Datasets

/// Completion scripts, made from the descriptions of the commands.
enum Completion {
  static func script(for shell: String) throws -> String {
    switch shell {
    case "bash": bash
    case "zsh": "autoload -U bashcompinit && bashcompinit\n" + bash
    case "fish": fish
    default: throw UsageError("no completion for '\(shell)'; expected bash, zsh or fish")
    }
  }

  private static var bash: String {
    let cases = Commands.all.map { command in
      let flags = flags(of: command).map { "--\($0.name)" }.joined(separator: " ")
      return
        "    \(command.name)) words=\"\(flags) \(operands(command, "$(cajal papers --runs 2>/dev/null)"))\" ;;"
    }
    let choices = Commands.run.flags.first { $0.name == "size" }!.choices.joined(separator: " ")
    return """
      _cajal() {
        local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=""
        if [ "$COMP_CWORD" -eq 1 ]; then
          words="\(Commands.all.map(\.name).joined(separator: " ")) help"
        elif [ "$previous" = --size ]; then
          words="\(choices)"
        elif [[ "$previous" =~ ^--(data|out|model|texts)$ ]]; then
          COMPREPLY=($(compgen -f -- "$word")); return
        else
          case "${COMP_WORDS[1]}" in
      \(cases.joined(separator: "\n"))
          esac
        fi
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -F _cajal cajal
      """
  }

  private static var fish: String {
    var lines = ["complete -c cajal -f"]
    for command in Commands.all {
      lines.append("complete -c cajal -n __fish_use_subcommand -a \(command.name) -d '\(command.summary)'")
      for flag in flags(of: command) {
        let choices = flag.choices.isEmpty ? "" : " -xa '\(flag.choices.joined(separator: " "))'"
        lines.append(
          "complete -c cajal -n '__fish_seen_subcommand_from \(command.name)' -l \(flag.name) -d '\(flag.help)'\(choices)"
        )
      }
      let words = operands(command, "(cajal papers --runs 2>/dev/null)")
      if !words.isEmpty {
        lines.append("complete -c cajal -n '__fish_seen_subcommand_from \(command.name)' -a '\(words)'")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func operands(_ command: CommandSyntax, _ slugs: String) -> String {
    let further = command.subcommands.compactMap { $0.name.split(separator: " ").last }.joined(separator: " ")
    return switch command.completes {
    case "slugs": slugs
    case "papers": "search similar \(further) \(slugs)"
    case "data": "list fetch make info spoken-digits \(PackagedData.all.map(\.name).joined(separator: " "))"
    case "benchmarks": Benchmarks.all.map(\.name).joined(separator: " ")
    case "shells": "bash zsh fish"
    default: further
    }
  }

  /// Flags of a command and of those of two words that start with it, each once.
  private static func flags(of command: CommandSyntax) -> [CommandSyntax.Flag] {
    var seen: Set<String> = []
    return (command.flags + command.subcommands.flatMap(\.flags)).filter { seen.insert($0.name).inserted }
  }
}
