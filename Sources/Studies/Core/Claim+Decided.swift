extension Claim {
  /// A claim decided by `holds`, or one that this run cannot decide where `obstacle` says why.
  package static func decided(
    _ id: String, _ statement: String, paper: String, test: String, criterion: String, measured: String,
    holds: Bool, reason: String?, unless obstacle: String?
  ) -> Claim {
    if let obstacle {
      return Claim(
        notTestable: id, statement, paper: paper, test: test, criterion: criterion, measured: measured,
        reason: obstacle)
    }
    return Claim(
      id, statement, paper: paper, test: test, criterion: criterion, measured: measured, holds: holds,
      reason: holds ? nil : reason)
  }
}
