import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// What one simulated population's posterior looks like beside the truth.
struct SimulationFigures {
  private let lab: Lab

  init(_ lab: Lab) { self.lab = lab }

  func draw(_ posterior: BiclusterPosterior, _ counts: SpikeCounts, _ truth: BiclusterSimulation) throws {
    try lab.add(
      PopulationFigures.raster(
        counts, posterior, name: "simulated-raster", title: "Counts by group and state, simulated",
        against: truth.states, called: "planted"))
    try lab.add(
      PopulationFigures.neuronSimilarity(
        posterior, reference: truth.labels, name: "simulated-neuron-similarity",
        title: "Which neurons go together, simulated", called: "planted groups"))
    try lab.add(
      PopulationFigures.stateSimilarity(
        posterior, reference: truth.states, name: "simulated-state-similarity",
        title: "Which bins are in one state, simulated", called: "planted states"))
    for (row, name, label) in [(0, "offset-band", "common offset m"), (1, "factor-band", "first factor x")] {
      if let plot = bands(posterior, counts, truth, row, name, label) { try lab.add(plot) }
    }
    if let sample = posterior.samples.max(by: { $0.logLikelihood < $1.logLikelihood }) {
      try lab.add(eigenvalues(sample, truth))
      if let plot = influence(sample) { try lab.add(plot) }
    }
    try lab.add(numbers(posterior))
  }

  /// A trajectory of the group with most spikes.
  private func bands(
    _ posterior: BiclusterPosterior, _ counts: SpikeCounts, _ truth: BiclusterSimulation, _ row: Int,
    _ name: String, _ label: String
  ) -> Plot? {
    let members = (0..<truth.options.groups).map { group in
      truth.labels.indices.filter { truth.labels[$0] == group }
    }.max { spikes($0, counts) < spikes($1, counts) }!
    let start = truth.labels[members[0]] * (truth.options.factors + 1)
    let planted = Array(truth.trajectories[start...start + truth.options.factors])
    guard let bands = posterior.trajectories(of: members, truth: planted) else { return nil }
    var plot = Plot(
      name: name, title: "The \(label) of a planted group, and what is known of it",
      caption:
        "The group with most spikes: posterior mean and pointwise 95 % band over \(bands.count) samples, and the planted trajectory, which lies inside in \(Int((100 * bands.coverage(row, of: planted[row])).rounded())) % of the bins.",
      x: .init("time", unit: "bins"), y: .init(label, unit: "log rate"))
    let bins = planted[row].indices.map(Double.init)
    plot.add(.line, "posterior mean", x: bins, y: bands.mean[row])
    plot.add(.dashed, "95 % band", x: bins, y: bands.lower[row], colourOf: "posterior mean")
    plot.add(.dashed, "", x: bins, y: bands.upper[row], colourOf: "posterior mean")
    plot.add(.line, "planted", x: bins, y: planted[row])
    return plot
  }

  private func spikes(_ members: [Int], _ counts: SpikeCounts) -> Int {
    members.reduce(0) { $0 + counts.row($1).reduce(0, +) }
  }

  private func eigenvalues(_ sample: BiclusterChain.Sample, _ truth: BiclusterSimulation) -> Plot {
    var plot = Plot(
      name: "eigenvalues", title: "Each state has dynamics of its own",
      caption:
        "Eigenvalues of A in the states of the likeliest sample that hold a tenth of the bins or more. Planted: 0.01 in one state; 1.01 and pairs 1.01 exp(±iπ/20) in the other. On the dotted circle trajectories neither grow nor decay.",
      x: .init("real part", range: -1.25...1.25), y: .init("imaginary part", range: -0.8...0.8))
    let circle = (0...120).map { 2 * Double.pi * Double($0) / 120 }
    plot.add(.dashed, "unit circle", x: circle.map(cos), y: circle.map(sin))
    for (state, values) in sample.eigenvalues {
      let share = Double(sample.states.count { Int($0) == state }) / Double(sample.states.count)
      guard share >= 0.1 else { continue }
      plot.add(
        .points, "state with \(Int((100 * share).rounded())) %", x: values.map(\.real),
        y: values.map(\.imaginary))
    }
    let turn = Double.pi / 20
    plot.add(
      .points, "planted", x: [0.01, 1.01, 1.01 * cos(turn), 1.01 * cos(turn)],
      y: [0, 0, 1.01 * sin(turn), -1.01 * sin(turn)])
    return plot
  }

  private func influence(_ sample: BiclusterChain.Sample) -> Plot? {
    let sizes = sample.occupied.map { state in sample.states.count { $0 == state } }
    guard let place = sizes.indices.max(by: { sizes[$0] < sizes[$1] }),
      let blocks = sample.influence(in: Int(sample.occupied[place]))
    else { return nil }
    let count = Double(blocks.count)
    let ticks = blocks.indices.map { (Double($0) + 0.5, String($0 + 1)) }
    var plot = Plot(
      name: "group-influence", title: "How groups move each other",
      caption:
        "Frobenius norm of A's blocks in the state with most bins, likeliest sample: how much the trajectory of a group (column) moves that of each group (row) in the next bin. None was planted off the diagonal.",
      x: .init("group that moves", range: 0...count, ticks: ticks),
      y: .init("group that is moved", range: 0...count, ticks: ticks))
    plot.heatMap = .init(rows: blocks, x: 0...count, y: 0...count, label: "norm of the block")
    return plot
  }

  private func numbers(_ posterior: BiclusterPosterior) -> Plot {
    let most = max(posterior.clusterCounts.keys.max() ?? 1, posterior.stateCounts.keys.max() ?? 1)
    var plot = Plot(
      name: "group-and-state-counts", title: "How many groups and states there are",
      caption:
        "Posterior shares of the number of neuron groups (3 planted) and of states with at least 1 % of the bins (2 planted).",
      x: .init("number", range: 0...Double(most + 1)), y: .init("posterior share", range: 0...1.05))
    for (label, shares, shift) in [
      ("groups", posterior.clusterCounts, -0.05), ("states", posterior.stateCounts, 0.05),
    ] {
      let keys = shares.keys.sorted()
      plot.add(.linePoints, label, x: keys.map { Double($0) + shift }, y: keys.map { shares[$0]! })
    }
    return plot
  }
}
