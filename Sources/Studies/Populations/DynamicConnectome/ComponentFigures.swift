import Decomposition
import Figures
import Foundation
import StudyCore
import Support

/// Figures of components: weights of animals, pairs in order of communities, and communities around a circle.
struct ComponentFigures {
  private let lab: Lab
  private let prefix: String
  private let names: [String]

  init(_ lab: Lab, prefix: String, names: [String]) {
    (self.lab, self.prefix, self.names) = (lab, prefix, names)
  }

  /// Weights of the animals in every component; where the truth is known, crosses mark animals that have the motif.
  func animals(
    _ factors: CPFactors, _ components: [Int], labels: [String], animals: [String], marked: [[Bool]]? = nil
  ) throws {
    let rows = components.map { component -> [Double] in
      let weights = factors.column(axis: 1, component: component)
      let largest = weights.max() ?? 1
      return weights.map { $0 / largest }
    }
    var plot = Plot(
      name: "\(prefix)-animals", title: "Weights of the animals",
      caption: "Weight of every animal in each component over the component's largest"
        + (marked == nil ? "." : "; points mark the animals in which the motif was planted."),
      x: .init("animal", ticks: animals.enumerated().map { (Double($0) + 0.5, $1) }),
      y: .init("", ticks: labels.enumerated().map { (Double(labels.count - 1 - $0) + 0.5, $1) }))
    plot.heatMap = .init(
      rows: rows.reversed(), x: 0...Double(animals.count), y: 0...Double(rows.count),
      label: "weight over the largest",
      range: 0...1)
    if let marked {
      let places = marked.enumerated().flatMap { row, own in
        own.indices.filter { own[$0] }.map { (Double($0) + 0.5, Double(marked.count - 1 - row) + 0.5) }
      }
      plot.add(.points, "planted", x: places.map(\.0), y: places.map(\.1))
    }
    try lab.add(plot)
  }

  /// Neurons in order of their communities, level by level, the strongest of each first.
  private func order(_ affinities: [Double], _ pairs: NeuronPairs, _ communities: MotifCommunities) -> [Int] {
    let strengths = MotifReport.strengths(affinities, pairs)
    let levels = communities.fit.levels
    // Communities by their mean strength, so that the motif comes first.
    let means = Dictionary(grouping: levels[0].indices) { levels[0][$0] }.mapValues { members in
      members.reduce(0) { $0 + strengths[$1] } / Double(members.count)
    }
    func key(_ neuron: Int) -> [Double] {
      [-means[levels[0][neuron]]!, Double(levels[0][neuron]), -strengths[neuron], Double(neuron)]
    }
    return strengths.indices.sorted { key($0).lexicographicallyPrecedes(key($1)) }
  }

  /// The affinity of every pair.
  func matrix(
    _ affinities: [Double], _ pairs: NeuronPairs, _ communities: MotifCommunities, title: String,
    remark: String,
    name: String = "matrix"
  ) throws {
    let order = order(affinities, pairs, communities)
    let matrix = pairs.folded(affinities)
    let count = order.count
    let largest = affinities.max() ?? 1
    let rows = order.reversed().map { a in order.map { a == $0 ? .nan : matrix[a][$0] / largest } }
    let step = max(1, (count + 44) / 45)
    let ticks = stride(from: 0, to: count, by: step).map { (Double(count - 1 - $0) + 0.5, names[order[$0]]) }
    var plot = Plot(
      name: "\(prefix)-\(name)", title: title,
      caption:
        "Affinity of every pair over the largest; neurons in order of their communities, which lines part. \(remark)",
      x: .init("neuron, same order"), y: .init("", ticks: ticks))
    plot.heatMap = .init(
      rows: rows, x: 0...Double(count), y: 0...Double(count), label: "affinity over the largest",
      range: 0...1,
      keepsAspect: true)
    plot.height = 640
    let borders = (1..<max(1, count)).filter {
      communities.labels[order[$0]] != communities.labels[order[$0 - 1]]
    }
    let (end, gap) = (Double(count), Double.nan)
    plot.add(
      .thinLine, "", x: borders.flatMap { [0, end, gap, Double($0), Double($0), gap] },
      y: borders.flatMap { [end - Double($0), end - Double($0), gap, 0, end, gap] })
    try lab.add(plot)
  }

  /// Neurons around a circle, one colour a community, with the strongest pairs as chords.
  func circle(
    _ affinities: [Double], _ pairs: NeuronPairs, _ communities: MotifCommunities, title: String,
    chords: Int = 60,
    name: String = "circle"
  ) throws {
    let order = order(affinities, pairs, communities)
    let labels = communities.labels
    // A gap between communities.
    var (angles, angle) = ([Double](repeating: 0, count: order.count), 0.0)
    for (place, neuron) in order.enumerated() {
      if place > 0, labels[neuron] != labels[order[place - 1]] { angle += 2 }
      angles[neuron] = angle
      angle += 1
    }
    let full = angle + 2
    func point(_ neuron: Int, _ radius: Double = 1) -> (Double, Double) {
      let turn = 2 * Double.pi * angles[neuron] / full
      return (radius * sin(turn), radius * cos(turn))
    }
    var plot = Plot(
      name: "\(prefix)-\(name)", title: title,
      caption:
        "Neurons around a circle, communities apart and in colours, the strongest first from the top clockwise; lines join the \(chords) pairs of the largest affinity, in a community's colour within it.",
      x: .init("", range: -1.25...1.25), y: .init("", range: -1.25...1.25))
    plot.isDiagram = true
    plot.height = 560
    let groups = order.reduce(into: [Int]()) { if !$0.contains(labels[$1]) { $0.append(labels[$1]) } }
    for (index, group) in groups.enumerated() {
      let members = order.filter { labels[$0] == group }
      plot.add(
        .points, "community \(index + 1) (\(members.count))", x: members.map { point($0).0 },
        y: members.map { point($0).1 })
    }
    let strongest = affinities.indices.sorted { (affinities[$0], $1) > (affinities[$1], $0) }.prefix(chords)
    let drawn = strongest.filter { affinities[$0] > 0 }.map { pairs.all[$0] }
    for (index, group) in groups.enumerated() {
      let own = drawn.filter { labels[$0.0] == group && labels[$0.1] == group }
      let curve = Self.chords(own.map { (point($0.0), point($0.1)) })
      plot.add(
        .thinLine, "", x: curve.x, y: curve.y,
        colourOf: "community \(index + 1) (\(order.count { labels[$0] == group }))")
    }
    let between = drawn.filter { labels[$0.0] != labels[$0.1] }
    let curve = Self.chords(between.map { (point($0.0), point($0.1)) })
    plot.add(.thinLine, between.isEmpty ? "" : "between communities", x: curve.x, y: curve.y)
    // Names of many neurons stand in two rings.
    plot.marks = order.enumerated().map { index, neuron in
      let place = point(neuron, order.count > 45 && index % 2 == 1 ? 1.17 : 1.09)
      return .text(x: place.0, y: place.1, label: names[neuron])
    }
    try lab.add(plot)
  }

  /// Lines between points, bent towards the middle.
  private static func chords(_ ends: [((Double, Double), (Double, Double))]) -> (x: [Double], y: [Double]) {
    var (x, y) = ([Double](), [Double]())
    for (a, b) in ends {
      for step in 0...12 {
        let t = Double(step) / 12
        let (u, v, w) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
        x.append(u * a.0 + v * 0.35 * (a.0 + b.0) / 2 + w * b.0)
        y.append(u * a.1 + v * 0.35 * (a.1 + b.1) / 2 + w * b.1)
      }
      x.append(.nan)
      y.append(.nan)
    }
    return (x, y)
  }
}

/// Error and agreement of restarts against the number of components.
struct RankFigure {
  private let scan: RankScan
  private let name: String
  private let what: String

  init(_ scan: RankScan, name: String, what: String) {
    (self.scan, self.name, self.what) = (scan, name, what)
  }

  func add(to lab: Lab) throws {
    var table = Table(
      name: name, caption: "Decompositions by rank: \(what).",
      columns: ["rank", "relative error", "drop", "similarity of restarts", "components with animals"])
    for entry in scan.entries {
      table.append([
        .integer(entry.rank), .number(entry.error), entry.drop.isNaN ? .missing : .number(entry.drop),
        .number(entry.similarity), .integer(entry.active),
      ])
    }
    try lab.add(table)
    var plot = Plot(
      name: name, title: "How many components: \(what)",
      caption:
        "Relative error of the best restart, and how alike the other restarts are to it (factor match score), against the number of components; above the dotted line restarts agree.",
      x: .init("components", ticks: scan.entries.map { (Double($0.rank), "\($0.rank)") }),
      y: .init("error; similarity", range: 0...1.05))
    plot.marks = [.horizontal(0.9, label: "")]
    let ranks = scan.entries.map { Double($0.rank) }
    plot.add(.linePoints, "relative error", x: ranks, y: scan.entries.map(\.error))
    plot.add(.linePoints, "similarity of restarts", x: ranks, y: scan.entries.map(\.similarity))
    try lab.add(plot)
  }
}
