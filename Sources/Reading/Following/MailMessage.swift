import Datasets
import Foundation

/// A letter in two forms, text and HTML, as bytes for a mail server or an `.eml` file.
struct MailMessage {
  var sender: MailAddress
  var recipient: MailAddress
  var subject: String
  var date: Date
  /// Without angle brackets.
  var identifier: String
  var text: String
  var html: String

  /// The message, all in ASCII, lines ending with CR LF and shorter than 78 letters but for long addresses.
  var data: Data {
    // "=_" cannot stand in quoted-printable text, so that no line of a part is the boundary.
    let boundary = "=_cajal_\(Fingerprint.of(Data(identifier.utf8)).prefix(24))"
    let fields: [HeaderField] = [
      .init(name: "From", value: "Cajal <\(sender)>", isStructured: true),
      .init(name: "To", value: "<\(recipient)>", isStructured: true),
      .init(name: "Subject", value: subject),
      .init(name: "Date", value: Self.date(date), isStructured: true),
      .init(name: "Message-ID", value: "<\(identifier)>", isStructured: true),
      .init(name: "List-Unsubscribe", value: "<\(unsubscribe)>", isStructured: true),
      .init(name: "Auto-Submitted", value: "auto-generated", isStructured: true),
      .init(name: "MIME-Version", value: "1.0", isStructured: true),
      .init(
        name: "Content-Type", value: "multipart/alternative; boundary=\"\(boundary)\"", isStructured: true),
    ]
    var out = fields.map(\.encoded).joined() + "\r\n"
    for (kind, body) in [("plain", text), ("html", html)] {
      out += "--\(boundary)\r\nContent-Type: text/\(kind); charset=utf-8\r\n"
      out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n\(QuotedPrintable.encoded(body))\r\n"
    }
    return Data((out + "--\(boundary)--\r\n").utf8)
  }

  /// A letter to the sender, who takes the recipient off the list.
  private var unsubscribe: String {
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "-._~")
    func encoded(_ text: String) -> String {
      text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
    return
      "mailto:\(encoded(sender.local))@\(sender.domain)?subject=unsubscribe%20\(encoded(recipient.description))"
  }

  /// `Mon, 04 Jan 2016 07:00:00 +0000`
  private static func date(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
    return formatter.string(from: date)
  }
}
