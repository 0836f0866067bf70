import Support

/// What is known about every sample, interval or neuron: named columns of texts or numbers, all of the same length.
public struct SampleTable: Sendable, Equatable {
  public enum Column: Sendable, Equatable {
    case texts([String])
    case numbers([Double])

    public var count: Int {
      switch self {
      case .texts(let values): values.count
      case .numbers(let values): values.count
      }
    }

    /// As text: numbers in their shortest form that reads back the same, whole ones without a point.
    public var texts: [String] {
      switch self {
      case .texts(let values): values
      case .numbers(let values): values.map(Self.text)
      }
    }

    /// As numbers; nil if a text is none.
    public var numbers: [Double]? {
      switch self {
      case .numbers(let values): return values
      case .texts(let values):
        let numbers = values.compactMap { $0.isEmpty ? .nan : Double($0) }
        return numbers.count == values.count ? numbers : nil
      }
    }

    static func text(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.isNaN ? "" : "\(value)"
    }

    func selected(_ rows: [Int]) -> Column {
      switch self {
      case .texts(let values): .texts(rows.map { values[$0] })
      case .numbers(let values): .numbers(rows.map { values[$0] })
      }
    }
  }

  /// In their order.
  public private(set) var columns: [(name: String, values: Column)]

  /// - Parameter columns: Of one length, with different names.
  public init(_ columns: [(name: String, values: Column)] = []) {
    precondition(Set(columns.map(\.name)).count == columns.count, "two columns of one name")
    precondition(Set(columns.map(\.values.count)).count <= 1, "columns of different lengths")
    self.columns = columns
  }

  /// Rows of text; they stay as they are, and are read as numbers where numbers are asked for.
  public init(header: [String], rows: [[String]]) {
    self.init(
      header.enumerated().map { index, name in (name, .texts(rows.map { $0[index] })) })
  }

  /// How many rows; 0 without columns.
  public var count: Int { columns.first?.values.count ?? 0 }
  public var names: [String] { columns.map(\.name) }

  /// A column as texts; nil if there is none of this name.
  public subscript(name: String) -> [String]? { columns.first { $0.name == name }?.values.texts }

  /// A column as numbers; nil if there is none of this name, or it holds something else.
  public func numbers(_ name: String) -> [Double]? { columns.first { $0.name == name }?.values.numbers }

  public func selected(_ rows: [Int]) -> SampleTable {
    SampleTable(columns.map { ($0.name, $0.values.selected(rows)) })
  }

  /// Adds a column, or replaces the one of this name.
  public mutating func set(_ name: String, _ values: Column) {
    precondition(
      columns.isEmpty || values.count == count, "\(values.count) values for \(count) rows")
    if let index = columns.firstIndex(where: { $0.name == name }) {
      columns[index].values = values
    } else {
      columns.append((name, values))
    }
  }

  public static func == (a: SampleTable, b: SampleTable) -> Bool {
    a.names == b.names && zip(a.columns, b.columns).allSatisfy { $0.values == $1.values }
  }

  /// Comma-separated, with a line of names; no more than that line without rows.
  var csv: String {
    let texts = columns.map(\.values.texts)
    return RecordingTable.line(names)
      + (0..<count).map { row in RecordingTable.line(texts.map { $0[row] }) }.joined()
  }
}
