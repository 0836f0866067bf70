import CCrypto
import Foundation
import Support

/// SHA-256 of data, to know again what a run has read and what a registry has sent.
public enum Fingerprint {
  /// The hash in hexadecimal.
  public static func of(_ data: Data) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    data.withUnsafeBytes { bytes in
      _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
    }
    return hexadecimal(digest)
  }

  /// The hash of a file's bytes as they lie on disk.
  ///
  /// - Throws: `CajalError` naming the file when it cannot be read.
  public static func ofFile(_ url: URL) throws -> String {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw CajalError("cannot read \(url.path)")
    }
    return of(data)
  }

  /// The hash of several files in the given order; that of the file itself for one.
  public static func ofFiles(_ urls: [URL]) throws -> String {
    let each = try urls.map(ofFile)
    return each.count == 1 ? each[0] : of(Data(each.joined(separator: "\n").utf8))
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
