import Foundation
import Support
import Tensors

/// Samples × neurons, with the neurons' names and what is known about every sample; from a model or from a brain.
///
/// It lies in a folder: `activity.npy` `[S, N]`, which NumPy maps too, `samples.csv` with a row for every sample, and
/// `recording.json`. The activity is mapped: what is not touched is not read.
public struct Recording: Sendable {
  public let url: URL
  public let description: RecordingDescription
  /// `[S, N]`, 16 or 32 bits.
  public let activity: Tensor
  /// What is known about every sample, by column.
  public let samples: [String: [String]]

  public var sampleCount: Int { description.samples }
  public var neuronCount: Int { description.neurons }

  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    self.url = url
    description = try RecordingDescription.read(url)
    guard description.isComplete else {
      throw CajalError(
        "the recording \(url.path) was stopped after \(description.samples) samples: record it again into the same folder, and it goes on"
      )
    }
    activity = try NPY.map(url.appendingPathComponent("activity.npy"))
    guard activity.shape == [description.samples, description.neurons] else {
      throw CajalError(
        "\(url.path): activity.npy is \(activity.shape), recording.json says [\(description.samples), \(description.neurons)]"
      )
    }
    samples = try Self.table(url.appendingPathComponent("samples.csv"), description)
  }

  private static func table(_ file: URL, _ description: RecordingDescription) throws -> [String: [String]] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw CajalError("\(file.path) cannot be read")
    }
    let rows = RecordingTable.rows(text)
    guard rows.count == description.samples + 1, rows.allSatisfy({ $0.count == description.columns.count })
    else {
      throw CajalError(
        "\(file.path) has \(max(0, rows.count - 1)) samples, recording.json says \(description.samples) of \(description.columns.count) columns"
      )
    }
    return Dictionary(
      uniqueKeysWithValues: description.columns.enumerated().map { index, name in
        (name, rows.dropFirst().map { $0[index] })
      })
  }

  /// The activity of some neurons in 32 bits, `[S, columns]`.
  public func activity(_ columns: Range<Int>) -> Tensor {
    activity.narrowed(1, from: columns.lowerBound, to: columns.upperBound).to(.float32).contiguous()
  }
}

/// The few rules of CSV that are needed: commas, and quotation marks around what holds one.
enum RecordingTable {
  static func line(_ fields: [String]) -> String {
    fields.map(CSVField.quoted).joined(separator: ",") + "\n"
  }

  static func rows(_ text: String) -> [[String]] {
    var (rows, row, field): ([[String]], [String], [UInt8]) = ([], [], [])
    var (isQuoted, wasQuote) = (false, false)
    func end() {
      row.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    for byte in text.utf8 {
      if isQuoted {
        guard byte == UInt8(ascii: "\"") else {
          field.append(byte)
          continue
        }
        (isQuoted, wasQuote) = (false, true)
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        if wasQuote { field.append(byte) }
        isQuoted = true
      case UInt8(ascii: ","): end()
      case UInt8(ascii: "\n"):
        end()
        rows.append(row)
        row = []
      default: field.append(byte)
      }
      wasQuote = false
    }
    return rows
  }
}
