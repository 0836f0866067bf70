import Circuits
import Figures
import StudyCore
import Support

/// Claim 4: fidelity against activity, and where the closed form holds.
struct TradeOffPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  /// Gains with the same activity as an optimum, and the error that they make.
  private struct Frontier {
    let price: Double
    let optimum: GainObjective.Cost
    /// The share of gains that the optimum leaves above 0.
    let active: Double
    /// Of random gains, and of the optimum disturbed.
    let random, disturbed: [Double]
    var best: Double { min(random.min()!, disturbed.min()!) }
  }

  func report() throws {
    let prices = Set(options.prices).sorted()
    try lab.progress("prices of activity", 0, of: prices.count, unit: "prices")
    let found = try parallelMap(
      prices.count, throwing: { try bench.adaptation(bench.objective(activityPrice: prices[$0])) })
    // Without homeostasis gains vanish at much smaller prices, and all gains of that activity with them.
    let small = Set(options.frontierPrices).sorted()
    let pure = try small.enumerated().map { index, price in
      try lab.progress("random gains", index, of: small.count, unit: "prices")
      return try frontier(price, homeostasis: 0)
    }
    let held = try frontier(options.activityPrice, homeostasis: options.homeostasis)
    try lab.add(table(prices, found))
    try lab.add(table(pure))
    lab.add(claim(prices, found, pure, held))
    for (one, price) in zip(found, prices) {
      lab.measure("price\(short(price)).error", one.adapted.cost.error)
      lab.measure("price\(short(price)).activity", one.adapted.cost.activity)
      lab.measure("price\(short(price)).repulsion", one.largestRepulsion, unit: "degrees")
    }
    lab.measure("frontier.held.optimum", held.optimum.error)
    lab.measure("frontier.held.best", held.best)
    let figures = FrontierFigures(lab)
    try figures.frontier(
      pure.map { ($0.optimum.activity, $0.optimum.error, $0.random) },
      adapted: found.map { ($0.adapted.cost.activity, $0.adapted.cost.error) })
    try closedForm(figures)
  }

  /// Random gains, and an optimum with each gain disturbed by a fifth, scaled to the optimum's activity.
  private func frontier(_ price: Double, homeostasis: Double) throws -> Frontier {
    let objective = try bench.objective(activityPrice: price, homeostasis: homeostasis)
    let context = try GainBench.context(options.stimuli, options.probability).probabilities
    let optimum = try objective.adapt(to: context)
    let generator = lab.generator("frontier.\(price).\(homeostasis)")
    let errors = try parallelMap(
      options.randomGains,
      throwing: { index in
        var own = generator.split(index)
        let random = optimum.gains.map { _ in own.uniform() }
        let disturbed = optimum.gains.map { $0 * (1 + 0.2 * own.normal()) + 0.01 * own.uniform() }.map {
          max(0, $0)
        }
        return try [random, disturbed].map {
          try scaled($0, to: optimum.cost.activity, objective, context).error
        }
      })
    return Frontier(
      price: price, optimum: optimum.cost,
      active: Double(optimum.gains.count { $0 > 1e-6 }) / Double(optimum.gains.count),
      random: errors.map { $0[0] }, disturbed: errors.map { $0[1] })
  }

  /// The cost of gains times the factor with which activity is `activity`: activity grows with every gain, so that false position
  /// finds it (Illinois).
  private func scaled(
    _ gains: [Double], to activity: Double, _ objective: GainObjective, _ context: [Double]
  ) throws -> GainObjective.Cost {
    func cost(_ factor: Double) throws -> GainObjective.Cost {
      try objective.cost(gains.map { factor * $0 }, under: context)
    }
    var (low, high) = (0.0, 1 / max(gains.max()!, 1e-9))
    // Activity grows without limit towards the end of stability.
    var found = try cost(high)
    if found.activity < activity {
      let end = 1 / max(objective.network.largestEigenvalue(gains: gains) * (1 + 1e-9), 1e-9)
      while found.activity < activity, end - high > 1e-9 * end {
        high = (high + end) / 2
        found = try cost(high)
      }
    }
    var (below, above) = (try cost(low).activity - activity, found.activity - activity)
    for _ in 0..<40 where abs(found.activity - activity) > 1e-9 * activity {
      let middle = (low * above - high * below) / (above - below)
      found = try cost(middle)
      let miss = found.activity - activity
      if miss < 0 {
        (low, below, above) = (middle, miss, above / 2)
      } else {
        (high, above, below) = (middle, miss, below / 2)
      }
    }
    return found
  }

  private func table(_ prices: [Double], _ found: [GainBench.Adaptation]) -> Table {
    var table = Table(
      name: "prices", caption: "The adapted population by the price of activity.",
      columns: ["price", "error", "activity", "largest repulsion (degrees)", "gain at the adapter"])
    for (price, one) in zip(prices, found) {
      table.append([
        .number(price), .number(one.adapted.cost.error), .number(one.adapted.cost.activity),
        .number(one.largestRepulsion), .number(one.adapted.gains[one.adapterNeuron]),
      ])
    }
    return table
  }

  private func table(_ pure: [Frontier]) -> Table {
    var table = Table(
      name: "frontier",
      caption:
        "Optima without homeostasis against \(options.randomGains) random gains and as many disturbed optima, scaled to the same activity.",
      columns: [
        "price", "activity", "gains above 0 (%)", "error", "least error of random gains",
        "least error of disturbed optima",
      ])
    for one in pure {
      table.append([
        .number(one.price), .number(one.optimum.activity), .number(100 * one.active),
        .number(one.optimum.error), .number(one.random.min()!), .number(one.disturbed.min()!),
      ])
    }
    return table
  }

  private func claim(
    _ prices: [Double], _ found: [GainBench.Adaptation], _ pure: [Frontier], _ held: Frontier
  ) -> Claim {
    let (errors, activities) = (found.map(\.adapted.cost.error), found.map(\.adapted.cost.activity))
    let repulsions = found.map(\.largestRepulsion)
    let isTraded = [errors, activities.map { -$0 }, repulsions].allSatisfy(GainBench.rises)
    let tested = pure.filter { $0.active > 0 }
    let beaten = tested.filter { $0.best < $0.optimum.error * (1 - 1e-9) }
    func margins(_ least: (Frontier) -> Double) -> String {
      tested.map { short(100 * (least($0) / $0.optimum.error - 1)) }.joined(separator: ", ")
    }
    return Claim(
      "4", "Gains trade fidelity for activity, along the frontier of what is possible.",
      paper: "gains optimise a trade between fidelity, activity and the cost of changing gains",
      test:
        "prices α of \(prices.map(short).joined(separator: ", ")) with γ = \(short(options.homeostasis)); without γ, at α of \(tested.map { short($0.price) }.joined(separator: ", ")), where gains do not vanish, against \(options.randomGains) random gains, and as many disturbed optima, scaled to the same activity",
      criterion:
        "error rises, activity falls and repulsion grows strictly with α; without γ no other gains of equal activity have a lower error at any α",
      measured:
        "error \(errors.map { fixed($0, 1) }.joined(separator: ", ")), activity \(activities.map { fixed($0, 0) }.joined(separator: ", ")), repulsion \(repulsions.map { fixed($0, 2) }.joined(separator: ", "))°; without γ the best random gains err by \(margins { $0.random.min()! }) % more, the best disturbed optima by \(margins { $0.disturbed.min()! }) %; with γ the optimum errs by \(fixed(held.optimum.error, 2)), the best other gains by \(fixed(held.best, 2))",
      holds: isTraded && beaten.isEmpty && !tested.isEmpty,
      reason:
        isTraded
        ? tested.isEmpty
          ? "gains vanish at all prices without γ"
          : "other gains err less at \(beaten.map { "α = \(short($0.price))" }.joined(separator: ", "))"
        : "error, activity or repulsion do not follow the price")
  }

  /// How far the closed form is from the optimum, by the price.
  private func closedForm(_ figures: FrontierFigures) throws {
    let prices: [Double] = [0.003, 0.01, 0.03, 0.1, 0.3, 1]
    let context = try GainBench.context(options.stimuli, options.probability).probabilities
    guard bench.options.variant == GainNetwork.Variant.recurrentDrive.rawValue else { return }
    let pairs = try parallelMap(
      prices.count,
      throwing: { index in
        let objective = try bench.objective(activityPrice: prices[index])
        let optimum = try objective.adapt(to: context).gains
        let closed = try objective.linearised(for: context)
        return (
          change: optimum.map { abs(1 - $0) }.max()!, error: zip(optimum, closed).map { abs($0 - $1) }.max()!
        )
      })
    for (price, pair) in zip(prices, pairs) {
      lab.measure("closedForm.error.price\(short(price))", pair.error)
    }
    try figures.closedForm(prices, changes: pairs.map(\.change), errors: pairs.map(\.error))
  }
}
