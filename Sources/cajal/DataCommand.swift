import Datasets
import Foundation
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
    case ("make", 2): try make(arguments.operands[1], arguments)
    case ("info", 2...): try info(Array(arguments.operands.dropFirst()), arguments.has("json"))
    default:
      throw UsageError(
        "expected 'cajal data list' or 'cajal data fetch NAME…', 'cajal data make NAME' or 'cajal data info FILE…'"
      )
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

  private static func info(_ paths: [String], _ asJSON: Bool) throws {
    let infos = try paths.map { try DataInfo(of: URL(fileURLWithPath: $0)) }
    if asJSON { return try printJSON(infos) }
    for info in infos {
      print("\(info.file): \(info.kind)")
      let width = info.facts.map(\.name.count).max() ?? 0
      for fact in info.facts { print("  \(pad(fact.name, width))  \(fact.value)") }
    }
  }

  /// Makes data that come from no package.
  private static func make(_ name: String, _ arguments: Arguments) throws {
    guard name == "spoken-digits" else {
      throw UsageError(
        "'\(name)' cannot be made\(suggestion(name, among: ["spoken-digits"])); spoken-digits can")
    }
    var digits = SpokenDigits()
    for setting in arguments.all("set") { try set(setting, in: &digits) }
    let url = try arguments.value("out").map { URL(fileURLWithPath: $0) } ?? digits.file()
    var tenths = 0
    let spikes = try digits.make { done, total in
      guard done * 10 / total > tenths || done == 0 else { return }
      tenths = done * 10 / total
      say("\(done) of \(total) utterances")
    }
    try spikes.write(shd: url)
    let held = digits.testVoices.joined(separator: ", ")
    say("\(spikes.count) utterances; the speakers \(held) are meant for the test")
    if arguments.has("json") { return try printJSON(DataInfo(of: url)) }
    print(url.path)
  }

  private static func set(_ setting: String, in digits: inout SpokenDigits) throws {
    let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw UsageError("--set is '\(setting)', expected KEY=VALUE") }
    func whole(_ range: ClosedRange<Int>) throws -> Int {
      guard let value = Int(parts[1]), range.contains(value) else {
        throw UsageError("\(parts[0]) is '\(parts[1])', expected a whole number in \(range)")
      }
      return value
    }
    let list = parts[1].split(separator: ",").map(String.init)
    switch parts[0] {
    case "takes": digits.takes = try whole(1...10_000)
    case "channels": digits.channels = try whole(1...65_536)
    case "seed": digits.seed = UInt64(try whole(0...Int.max))
    case "voices": digits.voices = list
    case "test": digits.testVoices = list
    case "languages":
      digits.languages = try list.map {
        guard let language = SpokenDigits.Language(rawValue: $0) else {
          throw UsageError("languages are en and de, not '\($0)'")
        }
        return language
      }
    default:
      throw UsageError(
        "unknown setting '\(parts[0])'; the settings are takes, channels, seed, voices, test, languages")
    }
  }
}
