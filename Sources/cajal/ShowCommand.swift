import Reading
import StudyCore
import Support

/// `cajal show`
enum ShowCommand {
  private struct Option: Encodable { let name, help, expected, quick, standard, full: String }
  private struct Description: Encodable {
    let paper: Paper
    let method, data: String
    let options: [Option]
    let lastRun: RunRecord?
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard let slug = arguments.operands.first, arguments.operands.count == 1 else {
      throw UsageError("which paper? expected 'cajal show SLUG'")
    }
    guard let study = Studies.all.first(where: { $0.paper.slug == slug }) else { return try showEntry(slug) }
    let values = try StudySize.allCases.map { try study.values($0, []) }
    let options = study.options.enumerated().map { index, option in
      Option(
        name: option.name, help: option.help, expected: option.expected, quick: values[0][index].value,
        standard: values[1][index].value, full: values[2][index].value)
    }
    let last = try RunStore().last(of: slug)
    if arguments.has("json") {
      try printJSON(
        Description(
          paper: study.paper, method: study.method, data: study.data, options: options, lastRun: last))
    } else {
      show(study, options, last)
    }
    return 0
  }

  private static func show(_ study: AnyStudy, _ options: [Option], _ last: RunRecord?) {
    let paper = study.paper
    print(
      "\(paper.title)\n\(paper.authors.joined(separator: ", ")), \(paper.year)\(paper.arXiv.map { ", arXiv \($0)" } ?? "")"
    )
    print(
      "\n\(paper.abstract)\n\nMethod\n\(study.method)\n\nData\n\(study.data)\n\nOptions (quick / standard / full)"
    )
    for option in options {
      print(
        "  \(option.name) = \(option.quick) / \(option.standard) / \(option.full)\n      \(option.help); \(option.expected)"
      )
    }
    guard let last else {
      print("\nNot run yet: cajal run \(paper.slug)")
      return
    }
    print("\nLast run: \(last.started.formatted(.iso8601)), \(last.size.rawValue), \(last.state.rawValue)")
    for claim in last.findings.claims {
      print("  \(pad(claim.verdict.rawValue, 17))  \(claim.id). \(claim.statement)")
    }
    print("Report: \(last.folder)/report.html")
  }

  /// A paper that does not run yet.
  private static func showEntry(_ slug: String) throws -> Int32 {
    let catalogue = try ReadingList.catalogue()
    guard let entry = catalogue.entries.first(where: { $0.slug == slug }) else {
      throw UsageError("there is no paper '\(slug)'\(suggestion(slug, among: catalogue.entries.map(\.slug)))")
    }
    let own = "No summary yet: cajal papers edit \(slug) --summary TEXT"
    let about = [entry.question, entry.summary.isEmpty ? own : entry.summary].filter { !$0.isEmpty }
    print(
      "\(entry.title)\n\(entry.authorLine), \(entry.published)\(entry.address.map { "\n\($0)" } ?? "")\n\n\(about.joined(separator: "\n\n"))"
    )
    print("\nThis paper does not run yet.")
    return 0
  }
}
