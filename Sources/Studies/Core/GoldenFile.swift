import Foundation
import Support

/// Reference vectors: inputs and expected outputs, section by section.
///
/// A study reads the sections it knows with ``section(_:)`` and compares; sections nobody read are
/// failures in the end, and so is a file without any.
public struct GoldenFile {
  /// The comparison of one section.
  public struct Section: Sendable, Codable, Equatable {
    public var name: String
    /// How many numbers were compared.
    public var compared: Int
    /// The largest error, relative to its tolerance: at most 1 passes.
    public var worst: Double
    /// The largest error itself, and its tolerance, for the reader.
    public var largestError: Double
    public var tolerance: Double
    /// Why it failed, if not by number.
    public var problem: String?
    public var passes: Bool { problem == nil && compared > 0 && worst <= 1 }
  }

  public let path: String
  public private(set) var sections: [Section] = []
  private let content: [String: JSONValue]
  private var read: Set<String> = []
  /// Entries that describe the file and are no section.
  private static let notSections: Set<String> = ["README", "readme", "tolerance", "tolerance_abs", "slug", "paper", "version"]

  /// - Throws: `CajalError` naming the file when it is missing, no JSON object, or empty.
  public init(contentsOf url: URL) throws {
    path = url.path
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let value: JSONValue
    do { value = try JSONDecoder().decode(JSONValue.self, from: data) } catch {
      throw CajalError("\(url.path) is not valid JSON: \(error.localizedDescription)")
    }
    guard case .object(let object) = value else {
      throw CajalError("\(url.path) should hold a JSON object of sections")
    }
    content = object
  }

  /// The file's own tolerance called `key`, its only one where `tolerance` is a number, or the usual one where the file says
  /// nothing.
  ///
  /// - Throws: `CajalError` when it is there but is no number from 0 up.
  public func tolerance(_ key: String, otherwise usual: Double) throws -> Double {
    guard let given = content["tolerance"] else { return usual }
    let value = given.object == nil ? given : given[key]
    if value.isNull { return usual }
    guard let number = value.double, number >= 0 else {
      throw CajalError("'tolerance.\(key)' should be a number from 0 up")
    }
    return number
  }

  /// The names of the sections in the file.
  public var names: [String] {
    content.keys.filter { !Self.notSections.contains($0) }.sorted()
  }

  /// The section called `name`; missing ones are recorded as failures and give nil.
  public mutating func section(_ name: String) -> JSONValue? {
    read.insert(name)
    if let value = content[name] { return value }
    sections.append(
      Section(
        name: name, compared: 0, worst: .infinity, largestError: .infinity, tolerance: 0,
        problem: "missing in the file"))
    return nil
  }

  /// Records the comparison of a section.
  public mutating func report(_ comparison: Comparison) {
    sections.append(comparison.section)
  }

  /// All comparisons, with a failure for every section that was never read.
  public func finished() -> [Section] {
    let unknown = names.filter { !read.contains($0) }.map {
      Section(
        name: $0, compared: 0, worst: .infinity, largestError: .infinity, tolerance: 0,
        problem: "unknown section; this study compares \(read.sorted().joined(separator: ", "))")
    }
    if sections.isEmpty && unknown.isEmpty {
      return [
        Section(
          name: "(file)", compared: 0, worst: .infinity, largestError: .infinity, tolerance: 0,
          problem: "the file holds no section")
      ]
    }
    return sections + unknown
  }
}

/// Gathers the errors of one section of a golden file.
public struct Comparison {
  public private(set) var section: GoldenFile.Section

  public init(_ name: String) {
    section = .init(name: name, compared: 0, worst: 0, largestError: 0, tolerance: 0)
  }

  /// Compares within `absolute + relative·|expected|`. Not-a-number never passes; equal infinities do.
  public mutating func check(
    _ measured: Double, _ expected: Double, absolute: Double = 0, relative: Double = 0
  ) {
    section.compared += 1
    let tolerance = absolute + relative * abs(expected)
    let error = measured == expected ? 0 : abs(measured - expected)
    let share = error == 0 ? 0 : (error.isFinite ? error / tolerance : .infinity)
    if share > section.worst || section.compared == 1 {
      section.worst = max(share, section.worst)
      section.largestError = error
      section.tolerance = tolerance
    }
  }

  /// Compares arrays element by element; a difference in length is a failure.
  public mutating func check(
    _ measured: [Double], _ expected: [Double], absolute: Double = 0, relative: Double = 0
  ) {
    guard measured.count == expected.count else {
      return fail("\(measured.count) numbers where \(expected.count) were expected")
    }
    for (m, e) in zip(measured, expected) { check(m, e, absolute: absolute, relative: relative) }
  }

  /// Compares exactly.
  public mutating func checkEqual<Value: Equatable>(_ measured: Value, _ expected: Value, _ what: String) {
    section.compared += 1
    if measured != expected { fail("\(what): \(measured) where \(expected) was expected") }
  }

  public mutating func fail(_ problem: String) {
    if section.problem == nil { section.problem = problem }
  }
}
