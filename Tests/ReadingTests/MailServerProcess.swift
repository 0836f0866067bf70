import Foundation
import TestSupport

/// aiosmtpd, Debian's mail server in Python, on this machine; it ends with the tests.
final class MailServerProcess: @unchecked Sendable {
  /// Nil where Python or aiosmtpd are missing.
  static let shared = MailServerProcess()

  struct Letter: Decodable {
    let file: String
    let from: String
    let to: [String]
    let tls: Bool
    let user: String?
  }

  let ports: [String: Int]
  /// The certificate that the server shows, which signed itself.
  let certificate: String
  private let scratch = Scratch()
  private let process = Process()
  private let input = Pipe()

  static let python = "/usr/bin/python3"
  static var hasPython: Bool { FileManager.default.isExecutableFile(atPath: python) }
  static func script(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Golden/\(name)")
      .standardizedFileURL.path
  }

  private init?() {
    let folder = scratch.url
    certificate = folder.appendingPathComponent("certificate.pem").path
    let key = folder.appendingPathComponent("key.pem").path
    let made = Self.output(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
        certificate,
      ])
    guard made != nil else { return nil }
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.python)
    process.arguments = [Self.script("mail_server.py"), folder.path, certificate, key]
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil,
      let ports = try? JSONDecoder().decode(
        [String: Int].self, from: output.fileHandleForReading.availableData)
    else { return nil }
    self.ports = ports
  }

  /// Letters that the server has accepted for an address.
  func letters(to address: String) -> [Letter] {
    let place = scratch.url.appendingPathComponent("letters.json")
    guard let data = try? Data(contentsOf: place),
      let all = try? JSONDecoder().decode([Letter].self, from: data)
    else { return [] }
    return all.filter { $0.to == [address] }
  }

  /// What a program prints; nil where it cannot be started or fails.
  static func output(_ program: String, _ arguments: [String]) -> Data? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? data : nil
  }
}
