import Foundation
import Support
import Tensors

/// Writes a ``Recording`` piece by piece, in bounded memory; one that was stopped goes on where it was.
///
/// What was written behind the last ``checkpoint(piecesDone:)`` does not count: going on, it is cut off and written anew.
public final class RecordingWriter {
  public private(set) var description: RecordingDescription
  private let folder: URL
  private let activity: FileHandle
  private let table: FileHandle
  /// Bytes of an NPY header that has room for any number of samples.
  private static let headerBytes = 128

  /// Begins a recording, or goes on with one in the same folder.
  ///
  /// - Throws: `CajalError` when the folder holds something else, a recording of another setting, or a complete one.
  public init(_ folder: URL, _ wanted: RecordingDescription) throws {
    self.folder = folder
    let (activityFile, tableFile) = (
      folder.appendingPathComponent("activity.npy"), folder.appendingPathComponent("samples.csv")
    )
    let manager = FileManager.default
    if manager.fileExists(atPath: folder.appendingPathComponent("recording.json").path) {
      description = try RecordingDescription.read(folder)
      try Self.compare(description, wanted, folder)
    } else {
      let contents = (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
      guard contents.isEmpty else {
        throw CajalError("\(folder.path) holds files that are no recording: choose another folder")
      }
      description = wanted
      do {
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch { throw CajalError("cannot make the folder \(folder.path): \(error.localizedDescription)") }
      let head = Data(RecordingTable.line(wanted.columns).utf8)
      description.tableBytes = head.count
      guard manager.createFile(atPath: activityFile.path, contents: Self.header(description)),
        manager.createFile(atPath: tableFile.path, contents: head)
      else { throw CajalError("cannot write into \(folder.path)") }
      try description.write(folder)
    }
    do {
      activity = try FileHandle(forUpdating: activityFile)
      table = try FileHandle(forUpdating: tableFile)
    } catch { throw CajalError("cannot write into \(folder.path): \(error.localizedDescription)") }
    let expected = Self.headerBytes + description.samples * description.neurons * description.precision.width
    try Self.cut(activity, to: expected, activityFile)
    try Self.cut(table, to: description.tableBytes, tableFile)
  }

  deinit {
    try? activity.close()
    try? table.close()
  }

  /// A recording goes on only as it was begun.
  private static func compare(_ found: RecordingDescription, _ wanted: RecordingDescription, _ folder: URL)
    throws
  {
    guard !found.isComplete else { throw CajalError("\(folder.path) holds a complete recording already") }
    let parts: [(String, Bool)] = [
      ("source", found.source == wanted.source), ("sites", found.sites == wanted.sites),
      ("precision", found.precision == wanted.precision), ("columns", found.columns == wanted.columns),
    ]
    if let other = parts.first(where: { !$0.1 }) {
      throw CajalError(
        "\(folder.path) holds a stopped recording of another \(other.0): choose another folder")
    }
  }

  private static func cut(_ file: FileHandle, to length: Int, _ url: URL) throws {
    do {
      let end = try file.seekToEnd()
      guard end >= UInt64(length) else {
        throw CajalError("\(url.path) has \(end) bytes, its recording.json counts \(length)")
      }
      try file.truncate(atOffset: UInt64(length))
      try file.seek(toOffset: UInt64(length))
    } catch let error as CajalError { throw error } catch {
      throw CajalError("cannot write \(url.path): \(error.localizedDescription)")
    }
  }

  private static func header(_ description: RecordingDescription) -> Data {
    var text =
      "{'descr': '\(description.precision.code)', 'fortran_order': False, 'shape': (\(description.samples), \(description.neurons)), }"
    text += String(repeating: " ", count: headerBytes - 11 - text.utf8.count) + "\n"
    let length = headerBytes - 10
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0]) + Data(text.utf8)
  }

  /// Adds samples `[S, N]` with what is known about each.
  ///
  /// - Throws: `CajalError` naming the file when the disk is full.
  public func append(_ samples: Tensor, rows: [[String]]) throws {
    precondition(
      samples.rank == 2 && samples.size(0) == rows.count && samples.size(1) == description.neurons,
      "samples \(samples.shape) with \(rows.count) rows for \(description.neurons) neurons")
    precondition(rows.allSatisfy { $0.count == description.columns.count }, "rows of other columns")
    let values = samples.detached().to(description.precision.elementType).contiguous()
    do {
      try values.withBytes { try activity.write(contentsOf: $0) }
      let text = Data(rows.map(RecordingTable.line).joined().utf8)
      try table.write(contentsOf: text)
      description.tableBytes += text.count
    } catch { throw CajalError("cannot write into \(folder.path): \(error.localizedDescription)") }
    description.samples += rows.count
  }

  /// Says that all before is whole and `piecesDone` pieces of work are done.
  public func checkpoint(piecesDone: Int) throws {
    description.piecesDone = piecesDone
    do {
      try activity.synchronize()
      try table.synchronize()
    } catch { throw CajalError("cannot write into \(folder.path): \(error.localizedDescription)") }
    try description.write(folder)
  }

  /// Ends the recording.
  public func finish() throws {
    description.isComplete = true
    do {
      try activity.seek(toOffset: 0)
      try activity.write(contentsOf: Self.header(description))
      try activity.synchronize()
    } catch { throw CajalError("cannot write into \(folder.path): \(error.localizedDescription)") }
    try description.write(folder)
  }
}

extension Tensor {
  /// The elements of a contiguous tensor as data, without a copy.
  fileprivate func withBytes(_ body: (Data) throws -> Void) throws {
    let source = elementType == .float16 ? reinterpreted(as: .int16) : self
    func call<Element: TensorElement>(_: Element.Type) throws {
      try source.withUnsafeElements(of: Element.self) { buffer in
        guard let start = buffer.baseAddress else { return }
        try body(
          Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start),
            count: buffer.count * MemoryLayout<Element>.size, deallocator: .none))
      }
    }
    switch elementType {
    case .float16: try call(Int16.self)
    case .float64: try call(Double.self)
    default: try call(Float.self)
    }
  }
}
