import Foundation
import Support

/// A book that Debian carries in many languages: real parallel text, once its packages are installed.
public enum TranslatedBook: String, Sendable, CaseIterable {
  /// Packages `debian-faq` (English) and `debian-faq-fr`, `-de`, `-it`, `-ja`, `-ko`, `-nl`, `-pt`, `-ru`, `-zh-cn`.
  case frequentQuestions = "debian-faq"
  /// Packages `debian-reference-en`, `-de`, `-es`, `-fr`, `-id`, `-it`, `-ja`, `-pt`, `-pt-br`, `-zh-cn`, `-zh-tw`.
  case reference = "debian-reference"

  /// Where the text in a language lies.
  func file(_ language: String, under root: URL) -> URL {
    switch self {
    case .frequentQuestions: root.appendingPathComponent("doc/debian/FAQ/debian-faq.\(language).txt.gz")
    case .reference: root.appendingPathComponent("debian-reference/debian-reference.\(language).txt.gz")
    }
  }

  /// The package of a language.
  public func package(_ language: String) -> String {
    self == .frequentQuestions && language == "en" ? rawValue : "\(rawValue)-\(language)"
  }

  /// The paragraphs of prose in the languages, in the order of the book.
  ///
  /// Lists, tables, commands and headings are left out, and so is what a translation leaves in English.
  /// - Parameters:
  ///   - languages: `["en", "fr"]`.
  ///   - root: The folder of shared data.
  /// - Throws: `CajalError` that names the packages to install.
  public func passages(_ languages: [String], root: URL = URL(fileURLWithPath: "/usr/share")) throws
    -> LabelledPassages
  {
    let missing = languages.filter { !FileManager.default.fileExists(atPath: file($0, under: root).path) }
    guard missing.isEmpty else {
      let packages = missing.map(package).joined(separator: " ")
      throw CajalError(
        "the book is not here in \(missing.joined(separator: ", ")): apt-get install \(packages)")
    }
    let english = languages.contains("en") ? Set(try prose("en", root)) : []
    let passages = try languages.flatMap { language in
      try prose(language, root).filter { language == "en" || !english.contains($0) }
        .map { LabelledPassages.Passage(label: language, answer: $0) }
    }
    return LabelledPassages(
      passages, fingerprint: try Fingerprint.ofFiles(languages.map { file($0, under: root) }))
  }

  private func prose(_ language: String, _ root: URL) throws -> [String] {
    let bytes = try GzipFile(file(language, under: root)).read(upTo: 1 << 26)
    return LabelledPassages.paragraphs(String(decoding: bytes, as: UTF8.self)).filter(Self.isProse)
  }

  /// Long enough for a sentence, mostly letters and spaces, no item of a list or row of a table.
  private static func isProse(_ text: String) -> Bool {
    guard text.count >= 120, !"*|+-o#$".contains(text.first!) else { return false }
    let plain = text.unicodeScalars.filter { $0.properties.isAlphabetic || $0 == " " }.count
    return Double(plain) >= 0.9 * Double(text.unicodeScalars.count) && !text.contains("|")
      && !text.contains("..")
  }
}
