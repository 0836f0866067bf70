import Datasets
import StudyCore
import Support

/// `cajal data`
enum DataCommand {
  private struct Row: Encodable {
    let name, summary, source, licence: String
    /// Bytes.
    let size: Int
    /// "here" or "not yet".
    let state: String
    let folder: String
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    let action = arguments.operands.first ?? "list"
    switch (action, arguments.operands.count) {
    case ("list", 0...1): try list(arguments.has("json"))
    case ("fetch", 2...): try fetch(Array(arguments.operands.dropFirst()), arguments.has("json"))
    default: throw UsageError("expected 'cajal data list' or 'cajal data fetch NAME…'")
    }
    return 0
  }

  private static func list(_ asJSON: Bool) throws {
    let rows = PackagedData.all.map {
      Row(
        name: $0.name, summary: $0.summary, source: $0.source.description, licence: $0.licence, size: $0.size,
        state: $0.isPresent() ? "here" : "not yet", folder: $0.folder().path)
    }
    if asJSON { return try printJSON(rows) }
    let width = rows.map(\.name.count).max() ?? 0
    for row in rows {
      print("\(pad(row.state, 7))  \(pad(row.name, width))  \(row.summary)")
      print("\(pad("", 9 + width))  \(row.source), \(NumberText.bytes(row.size)), \(row.licence)")
    }
    say("'cajal data fetch NAME' brings what is not here yet")
  }

  private static func fetch(_ names: [String], _ asJSON: Bool) throws {
    let wanted = try names.map { name in
      do { return try PackagedData.find(name) } catch {
        throw UsageError("\(error)\(suggestion(name, among: PackagedData.all.map(\.name)))")
      }
    }
    for data in wanted {
      if !data.isPresent() {
        say("fetching \(data.name): \(data.source.description), \(NumberText.bytes(data.size))")
        try data.fetch()
      }
      if !asJSON { print("\(data.name): \(data.folder().path)") }
    }
    if asJSON { try printJSON(wanted.map { ["name": $0.name, "folder": $0.folder().path] }) }
  }
}
