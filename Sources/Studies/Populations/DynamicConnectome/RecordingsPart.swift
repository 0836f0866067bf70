import Datasets
import Decomposition
import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support

/// Real worms: motifs around events, their neurons against known modules (claims 7a, 7b) and their communities against measured signal
/// propagation (claim 8); and communities of the wiring against the same (claim 9).
struct RecordingsPart {
  private let options: DynamicConnectome.Options
  private let lab: Lab

  init(_ options: DynamicConnectome.Options, _ lab: Lab) { (self.options, self.lab) = (options, lab) }

  func report() throws {
    let atlas = atlas()
    guard lab.dataPath != nil else {
      for module in ModuleTest.modules {
        absent(module.id, module.statement, ModuleTest.paper, module.test, module.criterion)
      }
      absent("8", AtlasTest.communities, AtlasTest.paper, AtlasTest.test, AtlasTest.criterion)
      return try WiringPart(options, lab, atlas).report()
    }
    let analysis = try WormAnalysis(options, lab)
    try analysis.draw()
    ModuleTest(options, lab, analysis).report()
    let labels = analysis.communities.filter(\.hasStructure).map(\.labels)
    AtlasTest(atlas, options, lab).report(
      "8", AtlasTest.communities, names: analysis.population.names, partitions: labels,
      what: "\(labels.count) components with communities")
    try WiringPart(options, lab, atlas).report()
  }

  /// The atlas, or why it is not here; quick runs don't fetch it.
  private func atlas() -> Result<WormAtlas, CajalError> {
    guard lab.size != .quick || PackagedData.wormAtlas.isPresent() else {
      return .failure(CajalError("the atlas is not here: 'cajal data fetch \(PackagedData.wormAtlas.name)'"))
    }
    do {
      let atlas = try WormAtlas.packaged()
      lab.usesData(
        "worm-atlas", fingerprint: PackagedData.wormAtlas.files.map(\.sha256).joined(separator: " "))
      return .success(atlas)
    } catch { return .failure(CajalError("\(error)")) }
  }

  private func absent(_ id: String, _ statement: String, _ paper: String, _ test: String, _ criterion: String)
  {
    lab.add(
      Claim(
        notTestable: id, statement, paper: paper, test: test, criterion: criterion,
        reason: "needs calcium recordings of several worms with named neurons: --data FOLDER"))
  }
}

/// Affinities around events of several worms, taken apart.
struct WormAnalysis {
  let options: DynamicConnectome.Options
  private let lab: Lab
  let population: NamedPopulation
  let affinity: AffinityTensor
  let scan: RankScan
  let factors: CPFactors
  let communities: [MotifCommunities]
  let reports: [MotifReport]
  /// The event itself and what follows, as a stimulus would be.
  static let event = MotifReport.Window("event", 0...5)

  init(_ options: DynamicConnectome.Options, _ lab: Lab) throws {
    (self.options, self.lab) = (options, lab)
    try lab.progress("recordings read", 0, of: 1)
    let recordings = try Self.read(options, lab)
    let step = recordings.compactMap { $0.time.map { ($0[$0.count - 1] - $0[0]) / Double($0.count - 1) } }
      .max()!
    let least = min(options.leastAnimals, recordings.count)
    population = try NamedPopulation(recordings, step: step, leastAnimals: least)
    let method = options.differentialAffinity(
      .init(rawValue: options.affinity)!, samplingRate: population.samplingRate)
    let changes = try population.traces.map(method.changes)
    let events = population.samples(of: recordings.map { ($0.epochs[options.event] ?? Epochs()).starts })
    affinity = try AffinityTensor(
      changes, around: events, window: -options.before...options.after, bin: max(options.bin, step))
    var generator = lab.generator("recordings")
    scan = try RankScan.run(
      affinity.tensor, ranks: 1...options.scanRank,
      method: options.decomposition(rank: 1, restarts: options.scanRestarts), using: &generator
    ) { try lab.progress("ranks of the recordings", $0, of: options.scanRank, unit: "ranks") }
    let rank = options.rank > 0 ? options.rank : max(2, scan.chosenRank())
    factors = affinity.withoutUnseenPairs(
      options.decomposition(rank: rank).fit(affinity.tensor, using: &generator).best.factors)
    var communities: [MotifCommunities] = []
    for component in 0..<rank {
      try lab.progress("communities of the recordings", component, of: rank, unit: "components")
      communities.append(
        try MotifCommunities(
          factors.column(axis: 2, component: component), affinity.pairs, thresholds: options.thresholds,
          model: options.blockModel, using: &generator))
    }
    self.communities = communities
    let (times, pairs, factors) = (affinity.times, affinity.pairs, factors)
    reports = (0..<rank).map {
      MotifReport(factors, component: $0, times: times, pairs: pairs, windows: [Self.event])
    }
    lab.measure("recordings.animals", Double(recordings.count))
    lab.measure("recordings.neurons", Double(population.names.count))
    lab.measure("recordings.rank", Double(rank))
    lab.note(
      "Recordings: \(recordings.count) animals, \(population.names.count) neurons found in at least \(least), \(events.map(\.count).reduce(0, +)) events '\(options.event)', \(rank) components."
    )
  }

  /// The recordings of the user's folder that have named neurons, surely enough, and the events.
  private static func read(_ options: DynamicConnectome.Options, _ lab: Lab) throws -> [Recording] {
    let folder = URL(fileURLWithPath: lab.dataPath ?? "")
    let recordings = try WormFile.readFolder(folder).compactMap { recording -> Recording? in
      guard recording.neurons.names != nil, recording.epochs[options.event] != nil else { return nil }
      let confidence = recording.neurons.table.numbers("confidence")
      let sure = (0..<recording.neuronCount).filter { (confidence?[$0] ?? .infinity) >= options.confidence }
      return sure.isEmpty ? nil : recording.selected(neurons: sure)
    }
    guard recordings.count > 1 else {
      throw CajalError(
        "\(folder.path) holds \(recordings.count) recordings with named neurons and epochs '\(options.event)', expected two or more"
      )
    }
    for recording in recordings {
      let file = recording.source["file"].map { URL(fileURLWithPath: $0) }
      lab.usesData(recording.name, fingerprint: try file.map(Fingerprint.ofFile) ?? recording.name)
    }
    return recordings
  }

  func draw() throws {
    let labels = reports.map { "component \($0.component + 1)" }
    var plot = Plot(
      name: "recordings-courses", title: "Components around the event '\(options.event)'",
      caption:
        "Time course of every component over its maximum, from \(Int(options.before)) s before to \(Int(options.after)) s after the start of the event, averaged over the events of each animal.",
      x: .init("time from the event", unit: "s"), y: .init("weight over its maximum", range: 0...1.15))
    plot.marks = [.vertical(0, label: options.event)]
    for (report, label) in zip(reports, labels) {
      let course = factors.column(axis: 0, component: report.component)
      let largest = course.max() ?? 1
      plot.add(.linePoints, label, x: affinity.times, y: course.map { $0 / largest })
    }
    try lab.add(plot)
    let figures = ComponentFigures(lab, prefix: "recordings", names: population.names)
    try figures.animals(factors, reports.map(\.component), labels: labels, animals: population.animals)
    for (report, found) in zip(reports, communities).prefix(6) {
      let pairs = factors.column(axis: 2, component: report.component)
      let number = report.component + 1
      try figures.matrix(
        pairs, affinity.pairs, found, title: "Affinities of component \(number)",
        remark: found.hasStructure ? "" : "One community at every threshold: no structure.",
        name: "matrix-\(number)")
      try figures.circle(
        pairs, affinity.pairs, found, title: "Communities of component \(number)", name: "circle-\(number)")
    }
    try RankFigure(scan, name: "recordings-rank-scan", what: "recordings").add(to: lab)
    try ConnectomeTables(lab, prefix: "recordings", names: population.names, animals: population.animals).add(
      factors, reports, communities, times: affinity.times, pairs: affinity.pairs, windows: [Self.event])
  }
}
