import StudyCore

extension HomeostaticNetworks {
  /// The parts of a claim's criterion: each holds, or says why not.
  struct Criteria {
    private let failures: [String]

    init(_ parts: [(holds: Bool, otherwise: String)]) {
      failures = parts.filter { !$0.holds }.map(\.otherwise)
    }

    var hold: Bool { failures.isEmpty }
    var reason: String? { hold ? nil : failures.joined(separator: "; ") }
  }
}
