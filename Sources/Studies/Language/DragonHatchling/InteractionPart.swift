import Decomposition
import Figures
import Models
import StudyCore
import Support
import Tensors

/// Claim 5: the graph of neurons is modular, and its degrees have heavy tails.
struct InteractionPart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }
  private static let names = ["trained", "untrained", "Gaussian product", "random"]

  init(_ bench: HatchlingBench) { self.bench = bench }

  /// The graphs of one head of one model, all with as many units.
  private struct Graphs {
    var trained, untrained, gaussian: InteractionGraph
    var all: [InteractionGraph] { [trained, untrained, gaussian] }
  }

  /// What was found at one number of edges: modularity and unevenness of degrees by kind of graph.
  private struct Found: Sendable {
    var modularity: [Double]
    var peaks: [Double]
  }

  func run() throws {
    let neurons = options.hatchling(options.width).neuronsPerHead
    let possible = neurons * (neurons - 1)
    let counts = options.edges.filter { $0 <= possible / 4 }.sorted()
    guard !counts.isEmpty else {
      throw CajalError("option edges: graphs of \(neurons) neurons are cut to at most \(possible / 4) edges")
    }
    let graphs = (0..<options.seeds).flatMap { seed in (0..<options.heads).map { made(seed, $0) } }
    try lab.progress("Finding communities", 0, of: graphs.count, unit: "graphs")
    var found: [[Found]] = []
    for (index, graph) in graphs.enumerated() {
      found.append(try measure(graph, counts, lab.generator("communities \(index)")))
      try lab.progress("Finding communities", index + 1, of: graphs.count, unit: "graphs")
    }
    try decideModularity(counts, found)
    try decideTails(graphs)
    try drawHistogram(graphs.map(\.trained))
  }

  private func made(_ seed: Int, _ head: Int) -> Graphs {
    let (trained, untrained) = (bench.hatchling(seed), bench.untrained(seed))
    let neurons = trained.configuration.neuronsPerHead
    func graph(_ entries: Tensor) -> InteractionGraph { InteractionGraph(entries.floats, count: neurons) }
    var generator = lab.generator("Gaussian \(seed) \(head)")
    let factors = (0..<2).map { _ in Tensor.normal([neurons, options.width], using: &generator) }
    return Graphs(
      trained: graph(trained.interactions(from: head, to: head)),
      untrained: graph(untrained.interactions(from: head, to: head)),
      gaussian: graph(factors[0].matmul(factors[1].transposed())))
  }

  private func measure(_ graphs: Graphs, _ counts: [Int], _ generator: RandomGenerator) throws -> [Found] {
    try counts.enumerated().map { index, count in
      var stream = generator.split(index)
      var found = Found(modularity: [], peaks: [])
      for (kind, graph) in (graphs.all + [graphs.gaussian]).enumerated() {
        let edges = kind == 3 ? graph.random(count, using: &stream) : graph.strongest(count)
        found.modularity.append(try graph.modularity(edges, using: &stream))
        let (out, into) = graph.degrees(edges)
        found.peaks.append((InteractionGraph.peak(out) + InteractionGraph.peak(into)) / 2)
      }
      return found
    }
  }

  private func decideModularity(_ counts: [Int], _ found: [[Found]]) throws {
    func spread(_ place: Int, _ kind: Int) -> Spread { Spread(found.map { $0[place].modularity[kind] }) }
    var table = Table(
      name: "modularity",
      caption: "Modularity (Louvain, the best of 5) by number of edges; means over heads and models",
      columns: ["edges"] + Self.names)
    var plot = Plot(
      name: "modularity", title: "Modularity of the interaction graph",
      caption:
        "Graphs between the neurons of a head, cut to their strongest edges; means and standard deviations over \(found.count) heads. Gaussian product: two random matrices of the same rank.",
      x: .init("edges", scale: .log), y: .init("modularity"))
    for kind in Self.names.indices {
      let spreads = counts.indices.map { spread($0, kind) }
      plot.add(
        .linePoints, Self.names[kind], x: counts.map(Double.init), y: spreads.map(\.mean),
        error: found.count > 1 ? spreads.map(\.deviation) : nil)
    }
    for (place, count) in counts.enumerated() {
      table.append([.integer(count)] + Self.names.indices.map { .number(spread(place, $0).mean) })
      lab.measure("modularity.trained.\(count)", spread(place, 0).mean)
      lab.measure("modularity.gaussian.\(count)", spread(place, 2).mean)
    }
    try lab.add(table)
    try lab.add(plot)
    let wins = counts.indices.filter { place in
      (1...3).allSatisfy { spread(place, 0).mean > spread(place, $0).mean }
    }
    let middle = counts.count / 2
    let limit = options.steps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "5a", "The neurons' graph is modular",
        paper: "well above both baselines up to more than a million edges between 8,192 neurons",
        test:
          "G from decoder to encoder within each of \(options.heads) heads of \(options.seeds) trained models, cut to \(counts.map(String.init).joined(separator: ", ")) edges; Louvain, the best of 5, directions left aside",
        criterion:
          "at every number of edges the mean modularity is above those of the untrained model, of the Gaussian product of the same rank and of random graphs",
        measured: "with \(counts[middle]) edges "
          + Self.names.indices.map { "\(Self.names[$0]) \(spread(middle, $0).text(3))" }.joined(
            separator: ", ")
          + "; above all at \(wins.count) of \(counts.count) numbers of edges",
        holds: wins.count == counts.count,
        reason:
          "at \(counts.indices.filter { !wins.contains($0) }.map { String(counts[$0]) }.joined(separator: ", ")) edges a baseline is as modular",
        unless: limit))
  }

  /// Degrees at the threshold above the noise, beside a Gaussian product cut to as many edges.
  private func decideTails(_ graphs: [Graphs]) throws {
    var (trained, gaussian): ([Double], [Double]) = ([], [])
    var shares: (out: [Double], into: [Double]) = ([], [])
    var degrees: [(out: [Int], into: [Int], other: [Int])] = []
    for graph in graphs {
      let threshold = graph.trained.threshold(least: 2 * graph.trained.count)
      let edges =
        threshold.map(graph.trained.above) ?? graph.trained.strongest(4 * graph.trained.count)
      let (out, into) = graph.trained.degrees(edges)
      let (otherOut, otherInto) = graph.gaussian.degrees(graph.gaussian.strongest(edges.count))
      let peak = InteractionGraph.peak
      shares.out.append(peak(out))
      shares.into.append(peak(into))
      trained.append((peak(out) + peak(into)) / 2)
      gaussian.append((peak(otherOut) + peak(otherInto)) / 2)
      degrees.append((out, into, otherOut))
    }
    let (ours, theirs) = (Spread(trained), Spread(gaussian))
    lab.measure("degrees.peak.trained", ours.mean)
    lab.measure("degrees.peak.gaussian", theirs.mean)
    let limit = options.steps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "5b", "Its degrees have a heavy tail",
        paper:
          "degrees that look like a power law (46,820 edges between 8,192 neurons), out-degrees more concentrated",
        test:
          "largest over mean degree, in and out averaged, at the threshold above which negative entries are at most a tenth as frequent as positive ones (4 edges a neuron where there is none); Gaussian products cut to as many edges",
        criterion: "mean over heads and models above the Gaussian product's",
        measured:
          "\(ours.text(2)) (out \(Spread(shares.out).text(2)), in \(Spread(shares.into).text(2))) against \(theirs.text(2))",
        holds: ours.mean > theirs.mean,
        reason: "hubs are no larger than those that any product of low rank has",
        unless: limit))
    try drawDegrees(degrees)
  }

  private func drawDegrees(_ degrees: [(out: [Int], into: [Int], other: [Int])]) throws {
    var plot = Plot(
      name: "degrees", title: "How many neurons have at least so many edges",
      caption:
        "Share of neurons with a degree of at least that on the axis, all heads and models; a power law is a straight line.",
      x: .init("degree", scale: .log), y: .init("share of neurons", scale: .log))
    for (label, values) in [
      ("outgoing", degrees.flatMap(\.out)), ("incoming", degrees.flatMap(\.into)),
      ("Gaussian product", degrees.flatMap(\.other)),
    ] {
      let sorted = values.filter { $0 > 0 }.sorted()
      let steps = Array(Set(sorted)).sorted()
      plot.add(
        .line, label, x: steps.map(Double.init),
        y: steps.map { step in
          Double(sorted.count - sorted.partitioningIndex { $0 >= step }) / Double(values.count)
        })
    }
    try lab.add(plot)
  }

  private func drawHistogram(_ graphs: [InteractionGraph]) throws {
    let graph = graphs[0]
    let (centres, counts, symmetric) = graph.histogram(bins: 120)
    var plot = Plot(
      name: "entries", title: "Strengths of interactions",
      caption:
        "Entries of G within the first head of the first model, and the part that occurs with both signs; what is left on the right are the excitatory edges that training made. Counts of 0 are left out.",
      x: .init("entry of G"), y: .init("pairs of neurons", scale: .log))
    func shown(_ values: [Int]) -> [Double] { values.map { $0 > 0 ? Double($0) : .nan } }
    plot.add(.steps, "all", x: centres, y: shown(counts))
    plot.add(.steps, "symmetric part", x: centres, y: shown(symmetric))
    if let threshold = graph.threshold(least: 2 * graph.count) {
      plot.marks = [.vertical(Double(threshold), label: "threshold")]
    }
    try lab.add(plot)
  }
}

extension [Int] {
  /// The first place of a sorted array from which on a condition holds.
  fileprivate func partitioningIndex(_ isBehind: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
