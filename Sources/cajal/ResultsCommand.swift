import StudyCore
import Support

/// `cajal results`
enum ResultsCommand {
  static func run(_ arguments: Arguments) throws -> Int32 {
    if let slug = arguments.operands.first { _ = try Studies.find(slug) }
    let runs = try RunStore().runs(of: arguments.operands.first)
    if arguments.has("json") {
      try printJSON(runs)
      return 0
    }
    if runs.isEmpty { say("nothing has run yet; try 'cajal run sdr-dendrites --size quick'") }
    for run in runs {
      let claims = run.findings.claims.map {
        "\($0.id)\($0.verdict == .holds ? "✓" : $0.verdict == .doesNotHold ? "✗" : "–")"
      }
      print(
        "\(pad("\(run.id)", 5))\(pad(run.study, 24))\(pad(run.size.rawValue, 10))\(pad("seed \(run.seed)", 10))"
          + "\(pad(run.problem == nil ? run.state.rawValue : "failed", 10))\(pad(NumberText.duration(run.duration), 13))"
          + claims.joined(separator: " "))
    }
    return 0
  }
}
