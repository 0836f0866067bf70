import Support

/// The units that quantities are written in, and what they are in the unit of their dimension.
enum UnitTable {
  private static let units: [String: [(symbol: String, factor: Double)]] = [
    TimeDimension.unit: [("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1e3), ("min", 6e4)],
    VoltageDimension.unit: [("uV", 1e-3), ("µV", 1e-3), ("mV", 1), ("V", 1e3)],
    CurrentDimension.unit: [("pA", 1e-3), ("nA", 1), ("uA", 1e3), ("µA", 1e3)],
    ConductanceDimension.unit: [("pS", 1e-3), ("nS", 1), ("uS", 1e3), ("µS", 1e3)],
    CapacitanceDimension.unit: [("pF", 1e-3), ("nF", 1), ("uF", 1e3), ("µF", 1e3)],
    ResistanceDimension.unit: [("kΩ", 1e-3), ("MΩ", 1), ("GΩ", 1e3), ("Mohm", 1), ("Gohm", 1e3)],
    FrequencyDimension.unit: [("Hz", 1), ("kHz", 1e3)],
  ]
  private static let names = [
    TimeDimension.unit: "time", VoltageDimension.unit: "potential", CurrentDimension.unit: "current",
    ConductanceDimension.unit: "conductance", CapacitanceDimension.unit: "capacitance",
    ResistanceDimension.unit: "resistance", FrequencyDimension.unit: "rate",
  ]

  /// The dimension that a unit belongs to.
  static func dimension(of unit: String) -> any PhysicalDimension.Type {
    let all: [any PhysicalDimension.Type] = [
      VoltageDimension.self, CurrentDimension.self, ConductanceDimension.self, TimeDimension.self,
      CapacitanceDimension.self, ResistanceDimension.self, FrequencyDimension.self,
    ]
    return all.first { $0.unit == unit } ?? NumberDimension.self
  }

  private static func article(_ name: String) -> String { "a \(name)" }

  /// `a time such as "20 ms" (us, ms, s, min)`
  private static func expectation(_ unit: String) -> String {
    guard let name = names[unit], let known = units[unit] else { return "a number" }
    let symbols = known.map(\.symbol).filter { !$0.hasPrefix("µ") }
    return "\(article(name)) such as \"20 \(unit)\" (in \(symbols.joined(separator: ", ")))"
  }

  /// A number with a unit, as `"-60 mV"`, in the unit of its dimension; plain numbers where the dimension has none.
  ///
  /// - Throws: `CajalError` naming the place, what stands there and what was expected.
  static func value(_ json: LocatedJSON, in unit: String) throws -> Double {
    guard let known = units[unit] else { return try json.number() }
    guard let text = json.string else { throw json.expected(expectation(unit)) }
    let words = split(text)
    guard let number = Double(words.number), number.isFinite else { throw json.expected(expectation(unit)) }
    guard let found = known.first(where: { $0.symbol == words.unit }) else {
      let other = units.first { $0.value.contains { $0.symbol == words.unit } }.flatMap { names[$0.key] }
      throw json.error(
        "is '\(text)'\(other.map { ", \(article($0))" } ?? suggestion(words.unit, among: known.map(\.symbol))); expected \(expectation(unit))"
      )
    }
    return number * found.factor
  }

  /// `20 ms` and `20ms` alike.
  private static func split(_ text: String) -> (number: String, unit: String) {
    let digits = text.prefix { $0.isNumber || "+-.eE".contains($0) }
    // The letter of `eE` may belong to the unit; none begins with it.
    return (String(digits), text.dropFirst(digits.count).trimmingPrefix(while: \.isWhitespace).description)
  }
}

extension LocatedJSON {
  func quantity<D: PhysicalDimension>(_: D.Type) throws -> Quantity<D> {
    Quantity(try UnitTable.value(self, in: D.unit))
  }

  /// A quantity above zero, or from zero on.
  func positive<D: PhysicalDimension>(_: D.Type, orZero: Bool = false) throws -> Quantity<D> {
    let value = try quantity(D.self)
    guard value.value > 0 || (orZero && value.value == 0) else {
      throw expected(orZero ? "no less than 0 \(D.unit)" : "more than 0 \(D.unit)")
    }
    return value
  }

  /// One value, or what values are drawn from, in a unit.
  ///
  ///     "1.5 nS"
  ///     {"uniform": ["-60 mV", "-50 mV"]}
  ///     {"normal": {"mean": "1 nS", "deviation": "0.2 nS", "least": "0 nS"}}
  ///     {"logNormal": {"median": "1 nS", "spread": 0.5}}
  ///     {"values": ["1 nS", "2 nS"]}
  func distribution(in unit: String) throws -> Distribution {
    guard isObject else { return .constant(try UnitTable.value(self, in: unit)) }
    let kinds = ["uniform", "normal", "logNormal", "values"]
    let object = try object("a distribution", keys: kinds)
    guard object.members.count == 1, let (kind, json) = object.members.first else {
      throw error("is no distribution: expected one of \(kinds.joined(separator: ", "))")
    }
    func value(_ json: LocatedJSON) throws -> Double { try UnitTable.value(json, in: unit) }
    switch kind {
    case "uniform":
      let bounds = try json.list("two bounds").map(value)
      guard bounds.count == 2, bounds[0] <= bounds[1] else {
        throw json.error("needs two bounds, the lower one first")
      }
      return .uniform(bounds[0], bounds[1])
    case "normal": return try json.normal(value)
    case "logNormal":
      let parts = try json.object("a log-normal distribution", keys: ["median", "spread"])
      let median = try value(parts.required("median"))
      guard median > 0 else { throw parts.members["median"]!.expected("more than 0") }
      return .logNormal(
        median: median, spread: try parts.required("spread").number("a number from 0 on", in: 0...1e3))
    default: return .values(try json.list("a list of values").map(value))
    }
  }

  private func normal(_ value: (LocatedJSON) throws -> Double) throws -> Distribution {
    let parts = try object("a normal distribution", keys: ["mean", "deviation", "least", "most"])
    let mean = try value(parts.required("mean"))
    let deviation = try value(parts.required("deviation"))
    guard deviation >= 0 else { throw parts.members["deviation"]!.expected("no less than 0") }
    let low = try parts["least"].map(value) ?? -.infinity
    let high = try parts["most"].map(value) ?? .infinity
    guard low <= high else { throw error("has a least value above the most") }
    return .normal(mean: mean, deviation: deviation, within: low...high)
  }

  /// A stretch of time: `["100 ms", "1 s"]`.
  func stretch() throws -> Range<Time> {
    let bounds = try list("two times").map { try $0.quantity(TimeDimension.self) }
    guard bounds.count == 2, bounds[0] <= bounds[1] else {
      throw error("needs two times, the earlier one first")
    }
    return bounds[0]..<bounds[1]
  }
}
