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
