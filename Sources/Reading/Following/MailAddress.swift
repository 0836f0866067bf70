import Support

/// An address of e-mail: what RFC 5321 calls a mailbox, without quoted names, literal hosts and letters beyond ASCII.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
  public let local: String
  public let domain: String

  public var description: String { "\(local)@\(domain)" }

  /// - Throws: `CajalError` that says what is wrong with the text.
  public init(_ text: String) throws {
    func wrong(_ why: String) -> CajalError {
      CajalError("'\(PaperText.line(text).prefix(100))' is no address of e-mail: \(why)")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw wrong(
        "it holds spaces, controls or letters beyond ASCII (domains beyond it are written as xn--…)")
    }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw wrong("expected one '@', as in name@example.org") }
    let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...64).contains(parts[0].utf8.count),
      atoms.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAtom) })
    else { throw wrong("'\(parts[0].prefix(70))' before the '@' is no name of a mailbox") }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 254, (1...253).contains(parts[1].utf8.count), labels.allSatisfy(Self.isLabel),
      // Numbers alone are an address of a machine.
      labels.last.map({ $0.utf8.contains(where: FeedText.isLetter) }) ?? false
    else { throw wrong("'\(parts[1].prefix(70))' behind the '@' is no name of a host") }
    (local, domain) = (parts[0], parts[1].lowercased())
  }

  private static func isAtom(_ byte: UInt8) -> Bool {
    FeedText.isLetter(byte) || FeedText.isDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
      && label.utf8.last != UInt8(ascii: "-")
      && label.utf8.allSatisfy { FeedText.isLetter($0) || FeedText.isDigit($0) || $0 == UInt8(ascii: "-") }
  }
}
