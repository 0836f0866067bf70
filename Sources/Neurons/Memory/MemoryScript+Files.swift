import Datasets
import Foundation
import Support

extension MemoryScript {
  /// Reads CSV (also with tabs or semicolons), or JSON where the name ends in `.json`.
  ///
  /// - Throws: `CajalError` naming the file and the line or entry that is wrong.
  public init(contentsOf url: URL) throws {
    self.init()
    if url.pathExtension.lowercased() == "json" { try read(json: url) } else { try read(csv: url) }
    guard operations.contains(where: \.isLearning) else {
      throw CajalError("\(url.path) learns nothing; a memory needs 'cue' and 'content'")
    }
  }

  private mutating func read(csv url: URL) throws {
    let file = try CSVFile(contentsOf: url)
    let columns = file.header.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    guard let cueColumn = columns.firstIndex(of: "cue"), let contentColumn = columns.firstIndex(of: "content")
    else {
      throw CajalError(
        "\(url.path) should have columns 'cue' and 'content', and 'operation' if there is more to do than to learn; it has \(file.header.joined(separator: ", "))"
      )
    }
    let operationColumn = columns.firstIndex(of: "operation")
    for (index, row) in file.rows.enumerated() {
      let fields = row.map { $0.trimmingCharacters(in: .whitespaces) }
      try add(
        operation: operationColumn.map { fields[$0].lowercased() } ?? "learn", cue: fields[cueColumn],
        content: Self.split(fields[contentColumn]), where: "\(url.path), line \(index + 2)")
    }
    if operationColumn == nil { recallEverything() }
  }

  private static func split(_ field: String) -> [String] {
    let parts =
      field.contains(";") ? field.split(separator: ";") : field.split(whereSeparator: \.isWhitespace)
    return parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  private mutating func add(operation: String, cue: String, content: [String], where place: String) throws {
    switch operation {
    case "learn":
      guard !cue.isEmpty, !content.isEmpty else {
        throw CajalError("\(place): learning needs a cue and some content")
      }
      learn(cue: cue, content: content)
    case "recall":
      guard cue.isEmpty != content.isEmpty else {
        throw CajalError("\(place): a recall names either a cue or some content")
      }
      if content.isEmpty { recall(cue: cue) } else { recall(content: content) }
    default: throw CajalError("\(place): the operation '\(operation)' is neither learn nor recall")
    }
  }

  private static let keys = ["memories", "queries", "operations", "parameters"]

  private mutating func read(json url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let value: Any
    do { value = try JSONSerialization.jsonObject(with: data) } catch {
      throw CajalError("\(url.path) is not valid JSON: \(error.localizedDescription)")
    }
    guard let object = value as? [String: Any] else {
      throw CajalError("\(url.path) should hold a JSON object with \(Self.keys.joined(separator: ", "))")
    }
    if let wrong = object.keys.sorted().first(where: { !Self.keys.contains($0) }) {
      throw CajalError("\(url.path): '\(wrong)' is not one of \(Self.keys.joined(separator: ", "))")
    }
    for (key, operation) in [("memories", "learn"), ("operations", nil), ("queries", "recall")] {
      guard let list = object[key] else { continue }
      guard let entries = list as? [[String: Any]] else {
        throw CajalError("\(url.path): '\(key)' should be an array of objects")
      }
      for (index, entry) in entries.enumerated() {
        try add(entry, operation: operation, where: "\(url.path), \(key)[\(index)]")
      }
    }
    if object["queries"] == nil, object["operations"] == nil { recallEverything() }
    if let own = object["parameters"] {
      parameters = try .init(json: own, what: "\(url.path), parameters")
    }
  }

  private mutating func add(_ entry: [String: Any], operation: String?, where place: String) throws {
    let known = ["cue", "content"] + (operation == nil ? ["operation"] : [])
    if let wrong = entry.keys.sorted().first(where: { !known.contains($0) }) {
      throw CajalError("\(place): '\(wrong)' is not one of \(known.joined(separator: ", "))")
    }
    let cue = try entry["cue"].map { try Self.name($0, "\(place), cue") } ?? ""
    var content: [String] = []
    if let value = entry["content"] {
      guard let list = value as? [Any] else { throw CajalError("\(place): 'content' should be an array") }
      content = try list.map { try Self.name($0, "\(place), content") }
    }
    let named = try operation ?? entry["operation"].map { try Self.name($0, "\(place), operation") } ?? ""
    try add(operation: named, cue: cue, content: content, where: place)
  }

  /// A name, or a whole number taken for one.
  private static func name(_ value: Any, _ place: String) throws -> String {
    if let text = value as? String, !text.isEmpty { return text }
    if let number = value as? NSNumber, let whole = Int(exactly: number.doubleValue) { return "\(whole)" }
    throw CajalError("\(place): a name or a whole number was expected")
  }
}
