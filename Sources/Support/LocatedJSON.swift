import Foundation

/// A value of a JSON text (RFC 8259) that knows where it stands, so that mistakes can be shown to the person who wrote it.
package struct LocatedJSON: Sendable {
  package indirect enum Value: Sendable {
    case null
    case bool(Bool)
    /// With its digits, as a 64-bit integer is no number of 64 bits.
    case number(Double, text: String)
    case string(String)
    case array([LocatedJSON])
    /// In the order of the text; no key stands twice.
    case object([(key: String, value: LocatedJSON)])
  }

  package let value: Value
  /// Keys and indices from the root: `populations.excitatory.start.membrane`.
  package let path: String
  /// Of the value, from 1 on.
  package let line: Int
  /// What the text is called in messages.
  package let document: String

  /// Reads a text.
  ///
  /// - Throws: `CajalError` naming line and column of the first mistake.
  package init(_ data: Data, document: String) throws {
    var parser = JSONParser(bytes: [UInt8](data), document: document)
    self = try parser.whole()
  }

  init(_ value: Value, _ path: String, _ line: Int, _ document: String) {
    (self.value, self.path, self.line, self.document) = (value, path, line, document)
  }

  /// An error about this value: `cuba.json, line 3: step is 0.1, expected …`.
  package func error(_ text: String) -> CajalError {
    CajalError("\(document), line \(line): \(path.isEmpty ? "" : "\(path) ")\(text)")
  }

  /// The value as a message shows it.
  package var shown: String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(_, let text): text
    case .string(let text): "'\(text)'"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// An error that says what was expected.
  package func expected(_ what: String) -> CajalError { error("is \(shown), expected \(what)") }
}

extension LocatedJSON {
  package var string: String? { if case .string(let text) = value { text } else { nil } }
  package var array: [LocatedJSON]? { if case .array(let values) = value { values } else { nil } }
  package var isObject: Bool { if case .object = value { true } else { false } }

  /// The members of an object, in the order of the text, whatever their keys.
  package func members(_ what: String) throws -> [(key: String, value: LocatedJSON)] {
    guard case .object(let members) = value else { throw expected(what) }
    return members
  }

  /// An object with these keys and no others.
  package func object(_ what: String, keys: [String]) throws -> JSONObject {
    let members = try members(what)
    for (key, value) in members where !keys.contains(key) {
      throw CajalError(
        "\(document), line \(value.line): \(value.path) is not known\(suggestion(key, among: keys)); \(what) has \(keys.joined(separator: ", "))"
      )
    }
    return JSONObject(json: self, members: Dictionary(uniqueKeysWithValues: members.map { ($0, $1) }))
  }

  package func list(_ what: String) throws -> [LocatedJSON] {
    guard let array else { throw expected(what) }
    return array
  }

  package func text(_ what: String) throws -> String {
    guard let string else { throw expected(what) }
    return string
  }

  package func choice(of names: [String]) throws -> String {
    guard let string, names.contains(string) else {
      throw error(
        "is \(shown)\(string.map { suggestion($0, among: names) } ?? ""); expected one of \(names.joined(separator: ", "))"
      )
    }
    return string
  }

  package func bool() throws -> Bool {
    guard case .bool(let value) = value else { throw expected("true or false") }
    return value
  }

  package func number(_ what: String = "a number", in range: ClosedRange<Double>? = nil) throws -> Double {
    guard case .number(let value, _) = value, range?.contains(value) ?? true else { throw expected(what) }
    return value
  }

  package func whole(_ range: ClosedRange<Int>) throws -> Int {
    guard case .number(let value, _) = value, let whole = Int(exactly: value), range.contains(whole) else {
      let bounds =
        range.upperBound == .max
        ? "from \(range.lowerBound) on" : "from \(range.lowerBound) to \(range.upperBound)"
      throw expected("a whole number \(bounds)")
    }
    return whole
  }

  package func unsigned() throws -> UInt64 {
    guard case .number(_, let text) = value, let whole = UInt64(text) else {
      throw expected("a whole number from 0 on")
    }
    return whole
  }
}

/// An object whose keys were checked.
package struct JSONObject: Sendable {
  package let json: LocatedJSON
  package let members: [String: LocatedJSON]

  package subscript(key: String) -> LocatedJSON? { members[key] }

  package func required(_ key: String) throws -> LocatedJSON {
    guard let value = members[key] else { throw json.error("lacks '\(key)'") }
    return value
  }
}
