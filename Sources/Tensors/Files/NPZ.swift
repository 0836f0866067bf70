import Foundation
import Support

/// NumPy's archives of several arrays, plain or compressed.
public enum NPZ {
  /// - Throws: `CajalError` naming the file and the array that is wrong.
  public static func read(_ url: URL) throws -> NamedTensors {
    try entries(url).map { name, bytes, what in
      (name, try bytes.withUnsafeBytes { try NPY.decode($0, what) })
    }
  }

  /// Arrays of numbers and arrays of texts, by name.
  ///
  /// - Throws: `CajalError` naming the file and the array that is wrong.
  public static func readAll(_ url: URL) throws -> (tensors: NamedTensors, texts: [String: [String]]) {
    var (tensors, texts): (NamedTensors, [String: [String]]) = ([], [:])
    for (name, bytes, what) in try entries(url) {
      try bytes.withUnsafeBytes { raw in
        if let found = try NPY.texts(raw, what) {
          texts[name] = found
        } else {
          tensors.append((name, try NPY.decode(raw, what)))
        }
      }
    }
    return (tensors, texts)
  }

  private static func entries(_ url: URL) throws -> [(name: String, bytes: [UInt8], what: String)] {
    let archive = try ZipArchive(url)
    return try archive.names.map { entry in
      guard entry.hasSuffix(".npy") else {
        throw CajalError("\(archive.path) holds '\(entry)', which is no .npy array")
      }
      return (String(entry.dropLast(4)), try archive.read(entry), "array '\(entry)' of \(archive.path)")
    }
  }

  /// - Throws: `CajalError` naming the path, or a name that stands twice.
  public static func write(
    _ tensors: NamedTensors, texts: [(name: String, values: [String])] = [], compressed: Bool = false, to url: URL
  ) throws {
    let names = Set(tensors.map(\.name) + texts.map(\.name))
    guard names.count == tensors.count + texts.count else { throw CajalError("\(url.path): two arrays have the same name") }
    let entries = try tensors.map { ("\($0.name).npy", try NPY.encode($0.tensor, "array '\($0.name)'")) }
      + texts.map { ("\($0.name).npy", NPY.encode($0.values)) }
    try ZipArchive.write(entries, compressed: compressed, to: url)
  }
}
