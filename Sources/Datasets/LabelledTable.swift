import Foundation
import Support
import Tensors

/// Rows of numbers with a class each.
public struct LabelledTable: Sendable {
  public let name: String
  public let columnNames: [String]
  /// Row by row.
  public let rows: [[Double]]
  /// One class a row, counted from 0.
  public let labels: [Int]
  public let classNames: [String]
  /// SHA-256 of the file.
  public let fingerprint: String

  public var count: Int { rows.count }

  /// The rows as `[B, D]`.
  public func tensor(_ type: ElementType = .float32) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [count, columnNames.count], as: type)
  }

  /// The classes as whole numbers `[B]`.
  public var labelTensor: Tensor { Tensor(labels) }

  /// Reads the user's own CSV file with a header: one column names the class, the others are numbers.
  ///
  /// - Parameter label: The name of the class's column; the last one if nil.
  /// - Throws: `CajalError` naming file, line and column.
  public init(csv url: URL, label: String? = nil) throws {
    let file = try CSVFile(contentsOf: url)
    guard let column = label.map({ file.header.firstIndex(of: $0) }) ?? file.header.indices.last else {
      throw CajalError(
        "\(url.path) has no column '\(label ?? "")'; it has \(file.header.joined(separator: ", "))")
    }
    let others = file.header.indices.filter { $0 != column }
    let classes = Array(Set(file.rows.map { $0[column] })).sorted()
    name = url.lastPathComponent
    columnNames = others.map { file.header[$0] }
    rows = try file.numbers(columns: others)
    labels = file.rows.map { classes.firstIndex(of: $0[column])! }
    classNames = classes
    fingerprint = try Fingerprint.ofFile(url)
  }

  /// Reads a table of scikit-learn: a line with counts and class names, then features and class.
  private init(_ data: PackagedData, _ file: String, home: URL) throws {
    let url = try data.url(file, home: home)
    let text = try String(contentsOf: url, encoding: .utf8)
    let lines = text.split(maxSplits: 1, whereSeparator: \.isNewline)
    let names = lines[0].split(separator: ",").dropFirst(2).map(String.init)
    let table = try CSVFile(String(lines[1]), path: url.path, hasHeader: false, firstLine: 2)
    let numbers = try table.numbers()
    name = data.name
    columnNames = table.header.dropLast().map { "feature \($0)" }
    rows = numbers.map { Array($0.dropLast()) }
    labels = numbers.map { Int($0.last!) }
    classNames = names
    fingerprint = try Fingerprint.ofFile(url)
  }

  /// Wisconsin's biopsies (Wolberg, Street and Mangasarian, 1995); `cajal data fetch breast-cancer` brings them.
  public static func breastCancer(home: URL = CajalHome.folder) throws -> LabelledTable {
    try LabelledTable(.breastCancer, "breast_cancer.csv", home: home)
  }

  /// Wines of three growers (Aeberhard and Forina, 1991); `cajal data fetch wine` brings them.
  public static func wine(home: URL = CajalHome.folder) throws -> LabelledTable {
    try LabelledTable(.wine, "wine_data.csv", home: home)
  }

  /// Fisher's flowers (1936); `cajal data fetch iris` brings them.
  public static func iris(home: URL = CajalHome.folder) throws -> LabelledTable {
    try LabelledTable(.iris, "iris.csv", home: home)
  }
}

extension LabelledImages {
  /// Handwritten digits of 8×8 (Alpaydin and Kaynak, 1998), grey levels 0…16 scaled to bytes.
  ///
  /// - Throws: `CajalError` that says how to fetch them.
  public static func digits(home: URL = CajalHome.folder) throws -> LabelledImages {
    let url = try PackagedData.digits.url("digits.csv.gz", home: home)
    let text = String(decoding: try GzipFile(url).read(upTo: 1 << 24), as: UTF8.self)
    let numbers = try CSVFile(text, path: url.path, hasHeader: false).numbers()
    return try LabelledImages(
      name: "digits", channels: 1, height: 8, width: 8,
      pixels: numbers.flatMap { $0.dropLast().map { UInt8(($0 * 255 / 16).rounded()) } },
      labels: numbers.map { Int($0.last!) }, classNames: (0..<10).map(String.init),
      fingerprint: Fingerprint.ofFile(url))
  }
}

/// Splits for k-fold cross-validation: each sample is tested once; folds differ in size by at most one.
public func crossValidationFolds(_ count: Int, folds: Int, using generator: inout RandomGenerator) -> [(
  train: [Int], test: [Int]
)] {
  precondition(folds > 1 && folds <= count, "\(folds) folds of \(count) samples")
  let order = generator.permutation(count)
  return (0..<folds).map { fold in
    let range = fold * count / folds..<(fold + 1) * count / folds
    return (train: Array(order[..<range.lowerBound] + order[range.upperBound...]), test: Array(order[range]))
  }
}
