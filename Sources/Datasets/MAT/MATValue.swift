import Support

/// A variable of a MATLAB file. Arrays are given row-major, as everywhere in Cajal, though MATLAB keeps columns together.
public indirect enum MATValue: Sendable, Equatable {
  /// Numbers of any type, as 64-bit floats; truth values as 0 and 1. `imaginary` is empty for real ones.
  case numbers([Double], shape: [Int], imaginary: [Double])
  /// Text; the rows of a matrix of characters.
  case text([String])
  case cell([MATValue], shape: [Int])
  /// Records of named fields.
  case structure([[String: MATValue]], shape: [Int], fields: [String])
  /// What is of no use here: functions, objects.
  case other(String)

  public var shape: [Int] {
    switch self {
    case .numbers(_, let shape, _), .cell(_, let shape), .structure(_, let shape, _): shape
    case .text(let rows): [rows.count]
    case .other: []
    }
  }

  /// Real numbers; nil for anything else.
  public var numbers: [Double]? {
    if case .numbers(let values, _, let imaginary) = self, imaginary.isEmpty { values } else { nil }
  }

  /// One text, also of a cell that holds one; nil for anything else.
  public var text: String? {
    switch self {
    case .text(let rows) where rows.count == 1: rows[0]
    case .text(let rows) where rows.isEmpty: ""
    case .cell(let cells, _) where cells.count == 1: cells[0].text
    case .numbers(let values, _, _) where values.isEmpty: ""
    default: nil
    }
  }

  /// Texts of a cell or the rows of a matrix of characters; nil for anything else.
  public var texts: [String]? {
    switch self {
    case .text(let rows): rows
    case .cell(let cells, _):
      cells.reduce(into: [String]?([])) { all, cell in
        if let text = cell.text { all?.append(text) } else { all = nil }
      }
    default: nil
    }
  }

  /// A field of a single record.
  public subscript(field: String) -> MATValue? {
    if case .structure(let records, _, _) = self, records.count == 1 { records[0][field] } else { nil }
  }

  /// In one line, for people.
  public var summary: String {
    let extents = shape.map(String.init).joined(separator: "×")
    switch self {
    case .numbers(_, _, let imaginary): return "\(extents)\(imaginary.isEmpty ? "" : " complex") numbers"
    case .text(let rows): return rows.count == 1 ? "text '\(rows[0].prefix(40))'" : "\(rows.count) texts"
    case .cell: return "\(extents) cells"
    case .structure(_, _, let fields): return "\(extents) records of \(fields.joined(separator: ", "))"
    case .other(let what): return what
    }
  }
}
