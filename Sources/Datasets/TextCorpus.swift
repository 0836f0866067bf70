import Foundation
import Support
import Tensors

/// Text as bytes, one unit (a verse, a saying, a line) after the other, for models that read bytes.
///
/// ```swift
/// let corpus = try TextCorpus.kingJamesBible()
/// let split = corpus.split()
/// let batch = split.training.rows(16, length: 129, using: &generator)     // [16, 129], for NextTokenTraining
/// ```
public struct TextCorpus: Sendable, Equatable {
  public var name: String
  /// Units of text without line ends.
  public var units: [String]
  /// SHA-256 of the text.
  public var fingerprint: String

  public init(name: String, units: [String]) {
    self.name = name
    self.units = units
    fingerprint = Fingerprint.of(Data(units.joined(separator: "\n").utf8))
  }

  /// A text file, unit by line; empty lines are left out.
  ///
  /// - Throws: `CajalError` naming the file when it is not there, no UTF-8, or empty.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("there is no file \(url.path)") }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CajalError("\(url.path) is no text in UTF-8")
    }
    self.init(name: url.lastPathComponent, units: Self.lines(text))
    guard units.contains(where: { !$0.isEmpty }) else { throw CajalError("\(url.path) holds no text") }
  }

  private static func lines(_ text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map(String.init)
  }

  /// Everything, units parted by line ends.
  public var bytes: [UInt8] { Array(units.joined(separator: "\n").utf8) + [10] }

  /// The King James Bible, verse by verse without their numbers, in Debian's package `bible-kjv` (public domain outside the
  /// United Kingdom): 4.1 MB.
  ///
  /// - Throws: `CajalError` that names the package when it is not installed.
  public static func kingJamesBible(program: String = "/usr/bin/bible") throws -> TextCorpus {
    let text = try output(
      program, ["-f", "-l0", "Genesis1:1-Revelation22:21"], package: "bible-kjv", what: "the King James Bible"
    )
    let verses = lines(text).map { line in
      line.drop { $0 != " " }.drop { $0 == " " }
    }
    return TextCorpus(name: "King James Bible", units: verses.map(String.init))
  }

  /// Sayings, jokes and quotations in modern English, in Debian's package `fortunes`: 2.2 MB.
  ///
  /// - Throws: `CajalError` that names the package when it is not installed.
  public static func fortunes(folder: String = "/usr/share/games/fortunes") throws -> TextCorpus {
    // Pictures made of letters, and files with nothing but references.
    let others = ["ascii-art", "translate-me"]
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { !$0.contains(".") && !others.contains($0) }.sorted()
    guard !names.isEmpty else {
      throw CajalError("there are no fortunes in \(folder): apt-get install fortunes")
    }
    let sayings = try names.flatMap { name -> [String] in
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      return String(decoding: data, as: UTF8.self).components(separatedBy: "\n%\n").map(Self.flat)
    }
    return TextCorpus(name: "fortunes", units: sayings.filter { !$0.isEmpty })
  }

  /// The licences that every Debian system carries: legal English, 0.3 MB.
  ///
  /// - Throws: `CajalError` when there are none.
  public static func licences(folder: String = "/usr/share/common-licenses") throws -> TextCorpus {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    // Of the same licence's versions under several names only the target counts.
    let files = Set(names.map { URL(fileURLWithPath: "\(folder)/\($0)").resolvingSymlinksInPath().path })
    let paragraphs = files.sorted().flatMap { path -> [String] in
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.components(separatedBy: "\n\n").map(Self.flat).filter { $0.count > 40 }
    }
    guard !paragraphs.isEmpty else { throw CajalError("there are no licences in \(folder)") }
    return TextCorpus(name: "licences", units: paragraphs)
  }

  /// One line, with single spaces.
  private static func flat(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func output(_ program: String, _ arguments: [String], package: String, what: String) throws
    -> String
  {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw CajalError("\(what) is not here: apt-get install \(package)")
    }
    let result = try Program.run(program, arguments)
    guard result.status == 0, !result.output.isEmpty else { throw CajalError("\(program) gave no text") }
    return String(decoding: result.output, as: UTF8.self)
  }
}

/// Stretches of text from which rows of bytes are drawn.
public struct TextStretches: Sendable, Equatable {
  /// Each longer than any row.
  public var stretches: [[UInt8]]
  /// The numbers of bytes up to and with each stretch.
  private let ends: [Int]

  public init(_ stretches: [[UInt8]]) {
    self.stretches = stretches
    var end = 0
    ends = stretches.map {
      end += $0.count
      return end
    }
  }

  public var byteCount: Int { ends.last ?? 0 }

  /// Rows `[count, length]` from random places.
  public func rows(_ count: Int, length: Int, using generator: inout RandomGenerator) -> Tensor {
    let usable = stretches.filter { $0.count >= length }
    precondition(!usable.isEmpty, "no stretch of text has \(length) bytes")
    var values: [Int] = []
    values.reserveCapacity(count * length)
    for _ in 0..<count {
      let place = generator.integer(below: byteCount)
      var stretch = stretches[ends.firstIndex { place < $0 }!]
      if stretch.count < length { stretch = usable[place % usable.count] }
      let start = generator.integer(below: stretch.count - length + 1)
      for byte in stretch[start..<start + length] { values.append(Int(byte)) }
    }
    return Tensor(values, shape: [count, length])
  }

  /// Rows `[count, length]` one behind the other, spread evenly over the text; fewer where the text is short.
  public func spreadRows(_ count: Int, length: Int) -> Tensor {
    var starts: [(stretch: Int, start: Int)] = []
    for (index, stretch) in stretches.enumerated() {
      for start in Swift.stride(from: 0, through: stretch.count - length, by: length) {
        starts.append((index, start))
      }
    }
    precondition(!starts.isEmpty, "no stretch of text has \(length) bytes")
    let number = min(count, starts.count)
    let chosen = (0..<number).map { starts[$0 * starts.count / number] }
    let values = chosen.flatMap { place in
      stretches[place.stretch][place.start..<place.start + length].map(Int.init)
    }
    return Tensor(values, shape: [number, length])
  }
}

extension TextCorpus {
  /// Stretches of whole units of at least so many bytes; every tenth is held out, or the last of a short text.
  public func stretches(of size: Int = 8_192, heldOut every: Int = 10) -> (
    training: [[String]], heldOut: [[String]]
  ) {
    var parts: [[String]] = [[]]
    var bytes = 0
    for unit in units {
      if bytes >= size {
        parts.append([])
        bytes = 0
      }
      parts[parts.count - 1].append(unit)
      bytes += unit.utf8.count + 1
    }
    var held = Set(parts.indices.filter { $0 % every == every - 1 })
    if held.isEmpty, parts.count > 1 { held = [parts.count - 1] }
    return (
      parts.indices.filter { !held.contains($0) }.map { parts[$0] },
      held.isEmpty ? parts : held.sorted().map { parts[$0] }
    )
  }

  /// The same as bytes, a line end behind every unit.
  public func split(stretch: Int = 8_192, heldOut every: Int = 10) -> (
    training: TextStretches, heldOut: TextStretches
  ) {
    let (training, heldOut) = stretches(of: stretch, heldOut: every)
    func bytes(_ parts: [[String]]) -> TextStretches {
      TextStretches(parts.map { units in units.flatMap { Array($0.utf8) + [10] } })
    }
    return (bytes(training), bytes(heldOut))
  }
}
