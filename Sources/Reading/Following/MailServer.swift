import Foundation

/// Why a letter was not accepted.
public struct MailFailure: Error, Sendable {
  /// Whether it would be the same for every other letter: no server, no trust, no login.
  public let concernsAll: Bool
  /// Whether the server called it final (a code from 500 on).
  public let isFinal: Bool
  /// One line that names the host, and the server's code where there is one.
  public let message: String

  public init(concernsAll: Bool = false, isFinal: Bool = false, _ message: String) {
    (self.concernsAll, self.isFinal, self.message) = (concernsAll, isFinal, message)
  }
}

/// What takes letters.
public protocol MailServer {
  /// Returns when the letter has been accepted, and only then.
  ///
  /// - Throws: ``MailFailure``.
  func send(_ message: Data, from sender: MailAddress, to recipient: MailAddress) throws
}

/// A server reached by SMTP; each letter takes a connection of its own, so that none suffers from another's refusal.
public struct SMTPServer: MailServer {
  private let settings: SMTPSettings

  public init(_ settings: SMTPSettings) { self.settings = settings }

  public func send(_ message: Data, from sender: MailAddress, to recipient: MailAddress) throws {
    var transfer = Transfer(url: settings.url, protocols: "smtp,smtps", timeout: settings.timeout)
    (transfer.user, transfer.password) = (settings.user, settings.password)
    transfer.certificates = settings.certificates
    transfer.requiresTLS = settings.requiresTLS
    transfer.isDirect = settings.isLoopback
    do { try transfer.send(message, from: "<\(sender)>", to: "<\(recipient)>") } catch let failure
      as TransferFailure
    {
      throw self.failure(failure)
    }
  }

  private func failure(_ failure: TransferFailure) -> MailFailure {
    let place = "\(settings.host):\(settings.port)"
    let uncertain =
      failure.handedOver && failure.reply < 400
      ? "; it may have arrived nevertheless, the next attempt bears the same Message-ID" : ""
    let what =
      switch failure.kind {
      case .unreachable: "\(place) cannot be reached"
      case .insecure: "\(place) gives no TLS that can be trusted"
      case .login: "\(place) refuses user or password"
      case .refused: "\(place) refuses the letter"
      case .timeout: "\(place) did not answer within \(settings.timeout) s"
      case .tooLarge, .broken: "the connection to \(place) broke"
      }
    return MailFailure(
      concernsAll: [.unreachable, .insecure, .login].contains(failure.kind),
      isFinal: failure.kind == .refused && failure.reply >= 500, "\(what): \(failure.reason)\(uncertain)")
  }
}
