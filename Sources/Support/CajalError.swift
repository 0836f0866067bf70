/// An error caused by something from outside: a file, an option, a user's shape.
///
/// The message names the culprit and says what was expected. A programmer's mistake traps instead.
public struct CajalError: Error, CustomStringConvertible, Equatable, Sendable {
  /// One or two sentences for a person, without a trailing full stop.
  public let message: String

  public init(_ message: String) {
    self.message = message
  }

  public var description: String { message }
}

/// A run was asked to stop; what had been measured until then is kept.
public struct Interruption: Error, Sendable {
  public init() {}
}
