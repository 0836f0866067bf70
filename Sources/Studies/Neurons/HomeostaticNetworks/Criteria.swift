import StudyCore

extension HomeostaticNetworks {
  /// The parts of a claim's criterion: each holds, or says why not.
  struct Criteria {
    private let failures: [String]

    init(_ parts: [(holds: Bool, otherwise: String)]) {
      failures = parts.filter { !$0.holds }.map(\.otherwise)
    }

    /// Trainings shorter than this many samples cannot show that a rate fails to climb.
    static let enoughSamples = 100_000

    var hold: Bool { failures.isEmpty }
    var reason: String? { hold ? nil : failures.joined(separator: "; ") }

    /// The claim, decided; or, if it fails in a training too short for the rate to climb, not testable.
    func decide(_ claim: Claim, samples: Int) -> Claim {
      guard !hold, samples < Self.enoughSamples else { return claim }
      var claim = claim
      claim.verdict = .notTestable
      claim.reason =
        "a training of \(samples) samples gives the rate no time to climb; \(Self.enoughSamples) are needed. Here: "
        + failures.joined(separator: "; ")
      return claim
    }
  }
}
