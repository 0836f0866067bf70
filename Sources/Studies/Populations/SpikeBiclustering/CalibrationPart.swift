import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Claim 3b: simulation-based calibration (Talts et al., 2018) of dispersions and baselines. Parameters are drawn from
/// the prior, counts from them, and the sampler is run: the rank of the true value among independent draws from the
/// posterior must be uniform.
struct CalibrationPart {
  private let options: SpikeBiclustering.Options
  private let lab: Lab
  private let neurons = 4
  private let bins = 64
  /// Kept draws; ranks are 0...draws.
  private let draws = 19
  private let thinning = 12

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let root = lab.generator("calibration")
    let lab = lab
    try lab.progress("calibration", 0, of: options.simulations, unit: "populations")
    let ranks = try parallelMap(
      options.simulations,
      throwing: { index in
        if index % 10 == 0 {
          try lab.progress("calibration", index, of: options.simulations, unit: "populations")
        }
        return try simulate(root.split(index))
      })
    // One neuron of each population, so that ranks are independent.
    let (dispersions, baselines) = (ranks.map(\.dispersion), ranks.map(\.baseline))
    try lab.add(figure(dispersions, baselines))
    decide(dispersions, baselines)
  }

  /// A small population in one group with known dynamics.
  private func simulate(_ generator: RandomGenerator) throws -> (dispersion: Int, baseline: Int) {
    var generator = generator
    var model = BiclusterModel()
    (model.factors, model.states) = (1, 1)
    var dynamics = SwitchingDynamics(randomWalk: 2, states: 1, variance: 0.05)
    for index in dynamics.a.indices { dynamics.a[index] *= 0.9 }
    var x = (0..<2).map { _ in generator.normal() }
    let paths = (0..<bins).map { _ -> [Double] in
      x = x.map { 0.9 * $0 + 0.05.squareRoot() * generator.normal() }
      return x
    }
    let d = (0..<neurons).map { _ in generator.normal() }
    let c = (0..<neurons).map { _ in generator.normal() }
    let r = (0..<neurons).map { _ in max(1e-3, generator.gamma(1)) }
    let counts = (0..<neurons).map { neuron in
      paths.map { path in
        generator.negativeBinomial(
          mean: exp(d[neuron] + path[0] + c[neuron] * path[1]), dispersion: r[neuron])
      }
    }
    var settings = BiclusterSettings()
    settings.burnIn = 80
    settings.sweeps = settings.burnIn + draws * thinning
    settings.thinning = thinning
    settings.start = .together
    settings.steps = [.trajectories, .loadings, .dispersions]
    settings.startDynamics = dynamics
    settings.keepsTrajectories = false
    let chain = try model.sample(try SpikeCounts(counts, binWidth: 1), settings, seed: generator.next())
    return (
      chain.samples.count { $0.dispersions[0] < r[0] }, chain.samples.count { $0.baselines[0] < d[0] }
    )
  }

  /// How uneven ranks are in ten equal classes: Pearson's statistic, and the chance of a larger one by simulation.
  private func unevenness(_ ranks: [Int], _ name: String) -> (statistic: Double, pValue: Double) {
    func statistic(_ ranks: [Int]) -> Double {
      let expected = Double(ranks.count) / 10
      return (0..<10).reduce(0) { sum, bin in
        let difference = Double(ranks.count { $0 / 2 == bin }) - expected
        return sum + difference * difference / expected
      }
    }
    let own = statistic(ranks)
    var generator = lab.generator("calibration null \(name)")
    let rounds = 4_000
    var larger = 0
    for _ in 0..<rounds {
      larger += statistic(ranks.map { _ in generator.integer(below: draws + 1) }) >= own ? 1 : 0
    }
    return (own, Double(larger + 1) / Double(rounds + 1))
  }

  private func figure(_ dispersions: [Int], _ baselines: [Int]) -> Plot {
    let expected = Double(dispersions.count) / 10
    var plot = Plot(
      name: "calibration", title: "Ranks of true values among posterior draws are even",
      caption:
        "Simulation-based calibration on \(dispersions.count) populations of \(neurons) neurons and \(bins) bins: rank of the true dispersion r and baseline d among \(draws) draws, in ten classes. A calibrated sampler gives each class the same share, but for chance.",
      x: .init("rank among posterior draws", range: -1...20),
      y: .init("populations", range: 0...(2.2 * expected)))
    let centres = (0..<10).map { 2 * Double($0) + 0.5 }
    for (name, ranks) in [("dispersion r", dispersions), ("baseline d", baselines)] {
      plot.add(
        .steps, name, x: centres.map { $0 - 1 } + [19.5],
        y: (0..<10).map { bin in Double(ranks.count { $0 / 2 == bin }) } + [
          Double(ranks.count { $0 / 2 == 9 })
        ])
    }
    plot.marks.append(.horizontal(expected, label: "even"))
    return plot
  }

  private func decide(_ dispersions: [Int], _ baselines: [Int]) {
    let (r, d) = (unevenness(dispersions, "r"), unevenness(baselines, "d"))
    lab.measure("calibration.dispersion.pValue", r.pValue)
    lab.measure("calibration.baseline.pValue", d.pValue)
    let holds = min(r.pValue, d.pValue) >= 0.01
    lab.add(
      Claim(
        "3b", "The posterior of dispersions and baselines is calibrated.",
        paper: "not tested there",
        test:
          "Simulation-based calibration on \(options.simulations) populations drawn from the prior (\(neurons) neurons, \(bins) bins, one factor, known dynamics): evenness of the rank of the true value among \(draws) draws.",
        criterion: "Pearson's statistic over ten classes no less likely than 1 % for either",
        measured:
          "dispersion: χ² = \(short(r.statistic)), p = \(short(r.pValue)); baseline: χ² = \(short(d.statistic)), p = \(short(d.pValue))",
        holds: holds, reason: holds ? nil : "ranks are uneven"))
  }
}
