import CCurl
import Foundation

/// What went wrong on the way to another machine.
struct TransferFailure: Error {
  enum Kind: Sendable { case unreachable, insecure, login, refused, timeout, tooLarge, broken }

  let kind: Kind
  /// The server's last code, 0 where none came.
  let reply: Int
  /// One line: the server's words where it said some, else libcurl's.
  let reason: String
  /// Whether the whole message had been handed over when it went wrong.
  let handedOver: Bool
}

/// One exchange through libcurl.
struct Transfer {
  var url: String
  var user: String?
  var password: String?
  var certificates: String?
  var protocols: String
  /// Seconds, for all of it and for reaching the host.
  var timeout = 60
  var connectTimeout = 15
  var requiresTLS = true
  /// Whether proxies of the environment are passed by.
  var isDirect = false

  /// Gives one message to an SMTP server; returns when the server has accepted it.
  func send(_ message: Data, from sender: String, to recipient: String) throws {
    try exchange(message: message, sender: sender, recipient: recipient, ccurl_send)
  }

  /// Gets one document.
  ///
  /// - Parameter limit: Bytes at most.
  @discardableResult
  func get(limit: Int, agent: String) throws -> Data {
    try exchange(limit: limit, agent: agent, ccurl_get)
  }

  @discardableResult
  private func exchange(
    message: Data = Data(), sender: String = "", recipient: String = "", limit: Int = 0, agent: String = "",
    _ body: (UnsafePointer<ccurl_request>, UnsafeMutablePointer<ccurl_outcome>) -> Void
  ) throws -> Data {
    // Texts that live as long as the exchange.
    let texts: [UnsafeMutablePointer<CChar>?] = [
      url, user, password, certificates, protocols, sender, recipient, agent,
    ].map { $0.flatMap { strdup($0) } }
    defer {
      for text in texts {
        // The password does not stay in freed memory.
        if let text { explicit_bzero(text, strlen(text)) }
        free(text)
      }
    }
    var outcome = ccurl_outcome()
    message.withUnsafeBytes { bytes in
      var request = ccurl_request()
      (request.url, request.user) = (UnsafePointer(texts[0]), UnsafePointer(texts[1]))
      (request.password, request.certificates) = (UnsafePointer(texts[2]), UnsafePointer(texts[3]))
      (request.protocols, request.sender) = (UnsafePointer(texts[4]), UnsafePointer(texts[5]))
      (request.recipient, request.agent) = (UnsafePointer(texts[6]), UnsafePointer(texts[7]))
      (request.message, request.message_length) = (
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count
      )
      (request.timeout, request.connect_timeout) = (timeout, min(timeout, connectTimeout))
      (request.require_tls, request.direct) = (requiresTLS ? 1 : 0, isDirect ? 1 : 0)
      request.limit = limit
      body(&request, &outcome)
    }
    defer { ccurl_free(&outcome) }
    if outcome.kind == CCURL_DONE {
      return outcome.body.map { Data(bytes: $0, count: outcome.body_length) } ?? Data()
    }
    throw failure(&outcome)
  }

  private func failure(_ outcome: inout ccurl_outcome) -> TransferFailure {
    let kinds: [UInt32: TransferFailure.Kind] = [
      CCURL_UNREACHABLE.rawValue: .unreachable, CCURL_INSECURE.rawValue: .insecure,
      CCURL_LOGIN.rawValue: .login,
      CCURL_REFUSED.rawValue: .refused, CCURL_TIMEOUT.rawValue: .timeout, CCURL_TOO_LARGE.rawValue: .tooLarge,
    ]
    let kind = kinds[outcome.kind.rawValue] ?? .broken
    func text<Field>(_ field: inout Field) -> String {
      withUnsafeBytes(of: &field) { PaperText.line(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
    }
    let (said, problem) = (text(&outcome.line), text(&outcome.problem))
    var reason =
      outcome.reply >= 400 && said.hasPrefix("\(outcome.reply)") ? "the server said '\(said)'" : problem
    // A server may repeat what it was told.
    for secret in [password, password.map { Data($0.utf8).base64EncodedString() }] {
      if let secret, !secret.isEmpty { reason = reason.replacingOccurrences(of: secret, with: "…") }
    }
    return TransferFailure(
      kind: kind, reply: Int(outcome.reply), reason: String(reason.prefix(300)),
      handedOver: outcome.handed_over != 0)
  }
}
