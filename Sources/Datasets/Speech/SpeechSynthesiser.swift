import Foundation
import Support

/// Debian's `espeak-ng`, run as a program: text in, sound out, always the same for the same settings.
public struct SpeechSynthesiser: Sendable {
  /// Where the program stands.
  public let program: URL
  /// What it calls itself, for records.
  public let version: String

  /// - Parameter program: The program, or nil to look for `espeak-ng` on the PATH.
  /// - Throws: `CajalError` that says what to install.
  public init(program: URL? = nil) throws {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    let places = program.map { [$0] } ?? paths.map { URL(fileURLWithPath: "\($0)/espeak-ng") }
    guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      let place = program.map { "at \($0.path)" } ?? "on the PATH"
      throw CajalError(
        "there is no espeak-ng \(place), which speaks the digits; apt-get install espeak-ng brings it")
    }
    self.program = found
    version = String(decoding: try Self.run(found, ["--version"]), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The variants of voices that are installed, `m1` for instance. Unknown ones would be spoken in the common
  /// voice, without a word.
  public func variants() throws -> Set<String> {
    let list = String(decoding: try Self.run(program, ["--voices=variant"]), as: UTF8.self)
    return Set(list.matches(of: /!v\/(\S+)/).map { String($0.1) })
  }

  /// Speaks a text.
  ///
  /// - Parameters:
  ///   - voice: A language and a variant, for instance `de+m3`.
  ///   - speed: Words a minute, 80...450.
  ///   - pitch: 0...99.
  /// - Throws: `CajalError` with what the program says, for instance of an unknown voice.
  public func speak(_ text: String, voice: String, speed: Int = 175, pitch: Int = 50) throws -> Waveform {
    let bytes = try Self.run(program, ["-v", voice, "-s", "\(speed)", "-p", "\(pitch)", "--stdout", text])
    let sound = try Waveform(wav: bytes, "what \(program.path) says for '\(text)' with voice \(voice)")
    guard !sound.samples.isEmpty else {
      throw CajalError("\(program.path) says nothing for '\(text)' with voice \(voice)")
    }
    return sound
  }

  private static func run(_ program: URL, _ arguments: [String]) throws -> [UInt8] {
    let result = try Program.run(program.path, arguments)
    guard result.status == 0 else {
      throw CajalError("\(program.path) \(arguments.joined(separator: " ")) failed: \(result.complaint)")
    }
    return Array(result.output)
  }
}
