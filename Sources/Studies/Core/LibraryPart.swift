/// A public type of the library that does part of a study's work, for readers who want it without the study.
public struct LibraryPart: Sendable, Equatable {
  public let name: String
  /// The module to import.
  public let room: String
  /// What it is, in a line.
  public let role: String

  public init(_ name: String, in room: String, _ role: String) {
    (self.name, self.room, self.role) = (name, room, role)
  }

  /// Its page below the folder that `make docs` writes, as DocC names it.
  public var documentationPath: String {
    "\(room)/documentation/\(room.lowercased())/\(name.lowercased())/"
  }
}
