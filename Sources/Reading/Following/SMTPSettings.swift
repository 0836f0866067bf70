import Foundation
import Support

/// The mail server that letters go through, as the environment names it.
///
/// User and password come from there alone: arguments of programs can be seen by everyone on a machine.
public struct SMTPSettings: Sendable {
  /// Of the variables of the environment.
  public enum Name {
    public static let url = "CAJAL_SMTP_URL"
    public static let user = "CAJAL_SMTP_USER"
    public static let password = "CAJAL_SMTP_PASSWORD"
    public static let sender = "CAJAL_SMTP_FROM"
    public static let security = "CAJAL_SMTP_TLS"
    public static let certificates = "CAJAL_SMTP_CA"
    public static let timeout = "CAJAL_SMTP_TIMEOUT"
  }

  public let host: String
  public let port: Int
  /// TLS from the first byte (`smtps`), not after STARTTLS.
  let isImplicit: Bool
  let requiresTLS: Bool
  public let sender: MailAddress
  let user, password: String?
  let certificates: String?
  /// Seconds.
  let timeout: Int

  var isLoopback: Bool { ServerAddress.isLoopback(host) }
  var url: String { "\(isImplicit ? "smtps" : "smtp")://\(host):\(port)" }

  /// - Throws: `CajalError` naming the variable and what was expected; never a password.
  public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard let url = value(Name.url) else {
      throw CajalError(
        "no mail server is set: \(Name.url)=smtp://HOST:PORT (STARTTLS) or smtps://HOST (TLS at once)")
    }
    guard let sender = value(Name.sender) else {
      throw CajalError("no sender is set: \(Name.sender)=name@example.org")
    }
    do { self.sender = try MailAddress(sender) } catch let error as CajalError {
      throw CajalError("\(Name.sender): \(error.message)")
    }
    // The address itself is not shown: it may hold a password, which it must not.
    guard let parts = URLComponents(string: url), ["smtp", "smtps"].contains(parts.scheme),
      let host = parts.host,
      !host.isEmpty, parts.user == nil, parts.password == nil, ["", "/"].contains(parts.path),
      parts.query == nil,
      parts.port.map({ (1...65535).contains($0) }) ?? true
    else {
      throw CajalError(
        "\(Name.url) is no address of a mail server; expected smtp://HOST:PORT or smtps://HOST:PORT, user and password in \(Name.user) and \(Name.password)"
      )
    }
    self.host = host
    isImplicit = parts.scheme == "smtps"
    let isLoopback = ServerAddress.isLoopback(host)
    port = parts.port ?? (isImplicit ? 465 : isLoopback ? 25 : 587)
    let security = value(Name.security) ?? (isLoopback && !isImplicit ? "none" : "required")
    guard ["required", "none"].contains(security) else {
      throw CajalError("\(Name.security) is '\(security)', expected required or none")
    }
    requiresTLS = security == "required" || isImplicit
    (user, password) = (value(Name.user), value(Name.password))
    guard (user == nil) == (password == nil) else {
      throw CajalError("\(Name.user) and \(Name.password) go together; one of them is not set")
    }
    guard user == nil || requiresTLS || isLoopback else {
      throw CajalError(
        "a password is not sent without TLS to another machine; take \(Name.security)=required, or no user")
    }
    certificates = value(Name.certificates)
    if let certificates, !FileManager.default.isReadableFile(atPath: certificates) {
      throw CajalError("\(Name.certificates): cannot read \(certificates)")
    }
    let seconds = value(Name.timeout) ?? "60"
    guard let timeout = Int(seconds), (1...600).contains(timeout) else {
      throw CajalError("\(Name.timeout) is '\(seconds)', expected seconds from 1 to 600")
    }
    self.timeout = timeout
  }
}

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
