import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claim 9: two competing neurons classify as well as the theory of their segments says.
struct CompetitionPart {
  private let options: SDRDendrites.Options
  private let lab: Lab
  private let a = 128
  private let s = 24
  private let segments = 500
  private let populations = [500, 600, 700, 900, 1100, 1300]
  /// The paper's rates, by population.
  private let published = [500: 0.3463, 900: 7.5e-4]

  private static let sigmoid = DendriticNonlinearity.sigmoid(centre: 11.5, slope: 5)

  init(_ options: SDRDendrites.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let errors = try populations.map(classify)
    let expected = populations.map { n in
      RecognitionTheory.competingNeuronsError(
        n: n, a: a, s: s, segments: segments, resolution: lab.size == .quick ? 1 << 12 : 1 << 14
      ) { Self.sigmoid($0) }
    }
    var plot = Plot(
      name: "competing-neurons", title: "Two neurons tell a thousand patterns apart, given enough cells",
      caption:
        "Share of 1000 random patterns that two neurons with 500 segments each assign to the wrong one. Line: exact theory of "
        + "sigmoid segments; marks: measured, with 99 % intervals.",
      x: .init("cells n"), y: .init("classification error", scale: .log))
    plot.add(.line, "theory", x: populations.map(Double.init), y: expected)
    let seen = errors.indices.filter { errors[$0].events > 0 }
    plot.add(
      .points, "measured", x: seen.map { Double(populations[$0]) }, y: seen.map { errors[$0].rate },
      intervals: seen.map { errors[$0].interval() })
    try lab.add(plot)
    decide(errors, expected)
  }

  private func classify(_ n: Int) throws -> BinomialEstimate {
    let root = lab.generator("competition n=\(n)")
    var total = BinomialEstimate(events: 0, trials: 0)
    for round in 0..<options.competitions {
      try lab.progress("competing neurons, n = \(n)", round, of: options.competitions, unit: "pairs")
      var generator = root.split(round)
      let classes = (0..<2).map { _ in (0..<segments).map { _ in SDR.random(n: n, a: a, using: &generator) } }
      let neurons = try classes.map {
        try DendriticNeuron(
          storing: $0, segments: segments, synapses: s, nonlinearity: Self.sigmoid, using: &generator)
      }
      let pair = CompetingNeurons(positive: neurons[0], negative: neurons[1])
      for (patterns, right) in zip(classes, [1, -1]) {
        let decisions = pair.decisions(try SDRMatrix(patterns))
        total = total + .init(events: decisions.count { $0 != right }, trials: decisions.count)
      }
    }
    lab.measure("competition.n\(n)", total.rate)
    return total
  }

  private func decide(_ errors: [BinomialEstimate], _ expected: [Double]) {
    var deviations: [(n: Int, paper: Double, measured: Double)] = []
    for (n, estimate) in zip(populations, errors) where estimate.events >= 100 {
      if let rate = published[n] { deviations.append((n, rate, estimate.rate)) }
    }
    let isNear = deviations.allSatisfy { abs($0.measured / $0.paper - 1) <= 0.2 }
    let agreeing = zip(errors, expected).filter { $0.interval().contains($1) }.count
    let holds = isNear && agreeing >= 5
    let statement =
      "Two competing neurons classify random patterns almost without error once there are enough cells."
    let paper =
      "error 0.346 at n = 500, 7.5e-4 at n = 900, 1e-6 at n = 1300 (a = 128, s = 24, 500 segments, sigmoid)"
    let test = "\(options.competitions) pairs of neurons at each n, 1000 stored patterns each."
    let criterion =
      "within 20 % of the published rate at n = 500 and 900 wherever at least 100 errors were counted, and the theory inside the 99 % interval at 5 of 6 populations"
    let measured = zip(populations, zip(errors, expected)).map {
      "n = \($0): \(short($1.0)), theory \(short($1.1))"
    }.joined(separator: "; ")
    guard !deviations.isEmpty else {
      return lab.add(
        Claim(
          notTestable: "9", statement, paper: paper, test: test, criterion: criterion, measured: measured,
          reason: "too few errors were counted; raise competitions"))
    }
    lab.add(
      Claim(
        "9", statement, paper: paper, test: test, criterion: criterion, measured: measured, holds: holds,
        reason: holds
          ? nil
          : deviations.map { "n = \($0.n): \(short($0.measured)) instead of \(short($0.paper))" }.joined(
            separator: "; ")))
  }
}
