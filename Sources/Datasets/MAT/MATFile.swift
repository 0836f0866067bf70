import Foundation
import Support

/// MATLAB's files: level 5 ("-v6" and "-v7"), read here. Those of "-v7.3" are HDF5 files: open them with ``HDF5File``.
///
/// Numbers, characters, cells, records, truth values and sparse matrices are read; packed variables unpacked. Every length is
/// checked against what is there.
public struct MATFile: Sendable {
  public let path: String
  /// In the order of the file.
  public let variables: [(name: String, value: MATValue)]

  public subscript(name: String) -> MATValue? { variables.first { $0.name == name }?.value }

  /// - Throws: `CajalError` naming the file, the variable and what is wrong.
  public init(contentsOf url: URL) throws {
    path = url.path
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw CajalError("cannot read \(url.path)")
    }
    let bytes = [UInt8](data)
    guard bytes.count >= 128 else { throw CajalError("\(path) has \(bytes.count) bytes, too few for a MAT file") }
    if bytes.prefix(128).starts(with: "MATLAB 7.3".utf8) {
      throw CajalError("\(path) is a MAT file of version 7.3, an HDF5 file: name its arrays as \(path):/name")
    }
    let mark = (bytes[126], bytes[127])
    guard mark == (UInt8(ascii: "I"), UInt8(ascii: "M")) || mark == (UInt8(ascii: "M"), UInt8(ascii: "I")) else {
      throw CajalError("\(path) is no MAT file of level 5: bytes 126 and 127 are \(mark.0) and \(mark.1)")
    }
    let isSwapped = mark.0 == UInt8(ascii: "M")
    var reader = MATReader(bytes[128...], isSwapped: isSwapped, path: path)
    var found: [(name: String, value: MATValue)] = []
    while !reader.isAtEnd {
      let element = try reader.element()
      if element.type == MATReader.compressed {
        let unpacked = try Inflate.zlib(element.bytes, "\(path), variable \(found.count)")
        var inner = MATReader(unpacked[...], isSwapped: isSwapped, path: path)
        while !inner.isAtEnd {
          let part = try inner.element()
          if part.type == MATReader.matrix { found.append(try inner.variable(part.bytes)) }
        }
      } else if element.type == MATReader.matrix {
        found.append(try reader.variable(element.bytes))
      }
    }
    // MATLAB keeps objects of its own behind the named variables.
    variables = found.filter { !$0.name.isEmpty }
  }
}
