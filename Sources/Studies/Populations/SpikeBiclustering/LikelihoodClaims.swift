import Foundation
import StudyCore
import Support

/// Claims 4 and 5: what the negative binomial, the groups and the states are each worth.
struct LikelihoodClaims {
  private let options: SpikeBiclustering.Options
  private let lab: Lab

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func decide(_ runs: [SimulationPart.Run]) {
    let settings: [SimulationPart.Setting] = [.overdispersed, .published]
    let pairs = settings.map { setting in
      runs.filter { $0.setting == setting }.compactMap { run in
        run.outcome(.full).flatMap { full in run.outcome(.poisson).map { (full, $0) } }
      }
    }
    dispersion(pairs)
    spuriousStates(pairs)
    joint(runs.filter { $0.setting == .published })
    agreement(runs)
  }

  private typealias Pairs = [[(full: SimulationPart.Outcome, poisson: SimulationPart.Outcome)]]

  private var dispersions: [Double] { [options.lowDispersion, options.dispersion] }

  private func dispersion(_ pairs: Pairs) {
    let wins = pairs.map { $0.count { $0.full.gain > $0.poisson.gain } }
    let text = zip(dispersions, pairs).enumerated().map { index, entry in
      "r = \(short(entry.0)): \(Spread(entry.1.map { $0.full.gain - $0.poisson.gain }).text(4)) bits per spike, better in \(wins[index]) of \(entry.1.count)"
    }
    lab.add(
      .decided(
        "4a", "On over-dispersed counts the negative binomial predicts better than Poisson.",
        paper: "held-out likelihood higher for the negative binomial (ordering only)",
        test:
          "The full model with either likelihood on the same populations; \(Int(100 * options.heldOut)) % of entries hidden, log of the mean predictive probability.",
        criterion:
          "higher in at least four of five populations, for r = \(short(dispersions[0])) and for r = \(short(dispersions[1]))",
        measured: text.joined(separator: "; "),
        holds: zip(wins, pairs).allSatisfy { RecoveryClaims.isMost($0, of: $1.count) },
        reason: "better in \(wins.map(String.init).joined(separator: " and ")) populations only",
        unless: RecoveryClaims.obstacle(pairs[0].count)))
  }

  private func spuriousStates(_ pairs: Pairs) {
    let more = pairs.map { $0.count { $0.poisson.states > $0.full.states } }
    func counts(_ pairs: Pairs.Element, _ value: (SimulationPart.Outcome) -> Int) -> String {
      let (poisson, full) = (pairs.map { Double(value($0.poisson)) }, pairs.map { Double(value($0.full)) })
      return "\(Spread(poisson).text(1)) with Poisson, \(Spread(full).text(1)) without"
    }
    let text = zip(dispersions, pairs).enumerated().map { index, entry in
      "r = \(short(entry.0)): states \(counts(entry.1, \.states)), more in \(more[index]) of \(entry.1.count); groups \(counts(entry.1, \.clusters))"
    }
    let moreGroups = pairs.map { $0.count { $0.poisson.clusters > $0.full.clusters } }
    lab.add(
      .decided(
        "4b", "Fitted with Poisson counts, over-dispersion shows up as states that are not there.",
        paper: "more states in the Poisson-fitted model (figure)",
        test: "As for 4a: the likeliest number of states with at least 1 % of the bins.",
        criterion: "more states with Poisson in at least four of five populations, for both dispersions",
        measured: text.joined(separator: "; "),
        holds: zip(more, pairs).allSatisfy { RecoveryClaims.isMost($0, of: $1.count) },
        reason:
          "more states in \(more.map(String.init).joined(separator: " and ")) of \(pairs[0].count) populations: what counts vary beyond Poisson goes into trajectories of groups that are not there instead (more groups in \(moreGroups.map(String.init).joined(separator: " and ")) of \(pairs[0].count)), whose noise blurs the states",
        unless: RecoveryClaims.obstacle(pairs[0].count)))
  }

  private func joint(_ runs: [SimulationPart.Run]) {
    let others: [ModelVariant] = [.oneGroup, .oneState, .kMeansGroups, .lds]
    let rows = others.map { variant -> (variant: ModelVariant, gains: [Double]) in
      let gains = runs.compactMap { run in
        run.outcome(.full).flatMap { full in run.outcome(variant).map { full.gain - $0.gain } }
      }
      return (variant, gains)
    }
    let text = rows.map { row in
      "\(row.variant.rawValue): \(Spread(row.gains).text(4)), \(row.gains.count { $0 > 0 }) of \(row.gains.count)"
    }
    for row in rows {
      lab.measure("advantage.\(row.variant.key)", Spread(row.gains).mean, unit: "bits/spike")
    }
    let losing = rows.filter { row in !RecoveryClaims.isMost(row.gains.count { $0 > 0 }, of: row.gains.count)
    }
    lab.add(
      .decided(
        "5a", "Groups and states together predict better than either alone.",
        paper: "held-out likelihood higher than without clustering (ordering only)",
        test:
          "Advantage of the full model in bits per hidden spike over one group, one state, fixed k-means groups (given the true number), and one group of as many factors in one state (a linear dynamical system).",
        criterion: "higher than each of them in at least four of five populations",
        measured: "advantage over " + text.joined(separator: "; "), holds: losing.isEmpty,
        reason:
          "not in four of five populations against \(losing.map(\.variant.rawValue).joined(separator: ", ")): where the groups are found, fixed ones differ by no more than chance, and one state's dynamics predict single hidden entries between seen neighbours almost as well",
        unless: RecoveryClaims.obstacle(runs.count)))
  }

  private func agreement(_ runs: [SimulationPart.Run]) {
    let published = runs.filter { $0.setting == .published }
    let weak = runs.filter { $0.setting == .weakOffset }
    func spread(_ runs: [SimulationPart.Run], _ variant: ModelVariant) -> Spread {
      Spread(runs.compactMap { $0.outcome(variant)?.neuronARI })
    }
    let (full, hard) = (spread(published, .full), spread(weak, .full))
    let (one, kMeans) = (spread(published, .oneState), Spread(published.map(\.kMeansARI)))
    let kMeansHard = Spread(weak.map(\.kMeansARI))
    let holds = full.mean > one.mean && full.mean > kMeans.mean && hard.mean > kMeansHard.mean
    lab.add(
      .decided(
        "5b", "Groups are found better with states, trajectories and dispersion than by static clustering.",
        paper: "no figure",
        test:
          "Adjusted Rand index of the neurons' groups: full model, full model with one state, and k-means on smoothed square-root counts given the true number of groups; also with common offsets scaled by \(short(options.weakOffset)), where loadings of either sign carry the groups.",
        criterion: "mean index higher than with one state and than k-means', in both settings",
        measured:
          "published setting: full \(full.text(3)), one state \(one.text(3)), k-means \(kMeans.text(3)); weak offsets: full \(hard.text(3)), k-means \(kMeansHard.text(3))",
        holds: holds,
        reason:
          "the full model's mean index is not the highest of all: the merges and splits of the burn-in find the same groups whether there are states or not, and k-means is told their number",
        unless: RecoveryClaims.obstacle(published.count)))
  }
}
