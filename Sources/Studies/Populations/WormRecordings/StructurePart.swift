import Datasets
import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support

extension WormRecordings {
  /// What wiring says about signals, and how far wiring diagrams agree.
  struct StructurePart {
    let options: Options
    let lab: Lab

    func run() throws {
      try lab.progress("atlas", 0, of: 3, unit: "packages")
      let atlas = try WormAtlas.packaged()
      lab.usesData("worm-atlas", fingerprint: PackagedData.wormAtlas.files.map(\.sha256).joined(separator: " "))
      let connectomes = try WormConnectomes.packaged()
      lab.usesData(
        "worm-connectomes", fingerprint: PackagedData.wormConnectomes.files.map(\.sha256).joined(separator: " "))
      try signals(atlas)
      try annotations(connectomes)
      try development(connectomes)
      try wiringFigure(atlas, kinds: WormConnectomes.kinds())
    }

    // MARK: Claim 5

    private func signals(_ atlas: WormAtlas) throws {
      let relation = StructureFunction(atlas)
      let distances = relation.byDistance(atlas.connectome)
      let direct = try relation.directWeight(atlas.connectome)
      let null = try rewired(relation, atlas.connectome)
      for distance in distances {
        lab.measure("structure.hops\(distance.hops).effect", distance.meanEffect)
        lab.measure("structure.hops\(distance.hops).significant", distance.significantShare)
      }
      let trend = trend(distances)
      let beyond = null.filter { $0.trend <= trend }.count
      let p = Double(1 + beyond) / Double(1 + null.count)
      let areaP = Double(1 + null.filter { $0.area >= direct.areaUnderROC }.count) / Double(1 + null.count)
      lab.measure("structure.areaUnderROC", direct.areaUnderROC)
      lab.measure("structure.spearman", direct.spearman)
      lab.measure("structure.pTrend", p)
      lab.measure("structure.pArea", areaP)
      let isFalling = zip(distances, distances.dropFirst()).allSatisfy {
        $0.meanEffect > $1.meanEffect && $0.significantShare > $1.significantShare
      }
      let text = distances.map {
        String(format: "%d: %.4f, %.1f %%", $0.hops, $0.meanEffect, 100 * $0.significantShare)
      }.joined(separator: "; ")
      let isBeyond = p < 0.01 || (null.count < 100 && beyond == 0)
      lab.add(
        Claim(
          "5", "Wiring tells a little about signals: the nearer two neurons are wired, the more one answers the other",
          paper: "a relation that is real but weak",
          test: "the signal propagation atlas against chemical synapses and gap junctions of White and Witvliet, by number of connections; and \(null.count) wirings with the same numbers of partners",
          criterion: "effect and share of significant answers fall with every connection; the direct weight tells significant answers with an area of 0.55 to 0.60; the fall from near to far is greater than in other wirings (p < 0.01)",
          measured: "connections: effect, significant \(text); area \(String(format: "%.3f", direct.areaUnderROC)), Spearman \(String(format: "%.3f", direct.spearman)); p = \(String(format: "%.4f", p)) for the fall, \(String(format: "%.4f", areaP)) for the area",
          holds: isFalling && (0.55...0.60).contains(direct.areaUnderROC) && isBeyond,
          reason: !isBeyond
            ? "wirings with the same numbers of partners show as great a fall: how many partners a neuron has tells more than who they are"
            : "the fall is not steady, or the area lies outside"))
      try lab.add(distanceFigure(distances, null))
      try lab.add(distanceTable(distances, direct))
    }

    private struct Null: Sendable {
      let distances: [StructureFunction.Distance]
      let trend: Double
      let area: Double
    }

    /// How much the effect falls from one connection to four.
    private func trend(_ distances: [StructureFunction.Distance]) -> Double {
      guard let near = distances.first, let far = distances.last, far.hops > near.hops else { return 0 }
      return far.meanEffect - near.meanEffect
    }

    private func rewired(_ relation: StructureFunction, _ connectome: Connectome) throws -> [Null] {
      let generator = lab.generator("rewirings")
      var all: [Null] = []
      while all.count < options.rewirings {
        try lab.progress("rewirings", all.count, of: options.rewirings, unit: "wirings")
        let first = all.count
        all += try parallelMap(
          min(20, options.rewirings - first),
          throwing: { index in
            var stream = generator.split(first + index)
            let other = connectome.rewired(using: &stream)
            let distances = relation.byDistance(other)
            return Null(
              distances: distances, trend: trend(distances), area: try relation.directWeight(other).areaUnderROC)
          })
      }
      return all
    }

    private func distanceFigure(_ distances: [StructureFunction.Distance], _ null: [Null]) -> Plot {
      var plot = Plot(
        name: "signals-by-distance", title: "Signals fall with distance in the wiring",
        caption: "The mean size of answers by the number of connections between two neurons, with 95 % confidence; and in wirings with the same numbers of partners (mean, and where 95 % of them lie).",
        x: .init("connections from the activated neuron", range: 0.6...4.4, ticks: (1...4).map { (Double($0), "\($0)") }),
        y: .init("mean size of the answer", unit: "ΔF/F"))
      plot.add(
        .linePoints, "worm", x: distances.map { Double($0.hops) }, y: distances.map(\.meanEffect),
        error: distances.map { 1.96 * $0.standardError })
      let levels = (1...4).map { hops in null.compactMap { $0.distances.first { $0.hops == hops }?.meanEffect }.sorted() }
      let shown = levels.indices.filter { levels[$0].count > 1 }
      plot.add(
        .linePoints, "rewired", x: shown.map { Double($0 + 1) + 0.06 },
        y: shown.map { levels[$0].reduce(0, +) / Double(levels[$0].count) },
        intervals: shown.map { at in
          let values = levels[at]
          return values[values.count / 40]...values[values.count - 1 - values.count / 40]
        })
      return plot
    }

    private func distanceTable(
      _ distances: [StructureFunction.Distance], _ direct: StructureFunction.DirectWeight
    ) -> Table {
      var table = Table(
        name: "signals-by-distance", caption: "Answers by the number of connections; \(direct.pairs) pairs were observed.",
        columns: ["connections", "pairs", "mean size (ΔF/F)", "standard error", "significant (%)"])
      for row in distances {
        table.append([
          .integer(row.hops), .integer(row.pairs), .number(row.meanEffect), .number(row.standardError),
          .number(100 * row.significantShare),
        ])
      }
      return table
    }

    // MARK: Claim 6

    /// Cook, White and Varshney drew largely the same series of sections; the ages of Witvliet are other animals.
    private func annotations(_ connectomes: [Connectome]) throws {
      let known = Set(WormNeurons.all + ["AWCL", "AWCR"])
      let chosen = connectomes.filter { !$0.name.contains("Witvliet") || $0.name.hasSuffix("7") || $0.name.hasSuffix("8") }
        .map { $0.arranged($0.neurons.filter(known.contains)) }
      var table = Table(
        name: "annotations", caption: "The share of chemical connections in common, between neurons of both; and Spearman's correlation of the weights of common ones.",
        columns: ["annotation", "annotation ", "common connections", "correlation of weights", "same animal"])
      var (same, other) = ([Double](), [Double]())
      for first in chosen.indices {
        for second in first + 1..<chosen.count {
          let (a, b) = (chosen[first], chosen[second])
          let shared = a.jaccardIndex(with: b, kind: .chemical)
          let isSame = !a.name.contains("Witvliet") && !b.name.contains("Witvliet")
          if isSame { same.append(shared) } else { other.append(shared) }
          table.append([
            .text(a.name), .text(b.name), .number(shared), .number(weightCorrelation(a, b)),
            .text(isSame ? "mostly" : "no"),
          ])
        }
      }
      try lab.add(table)
      let (meanSame, meanOther) = (Spread(same).mean, Spread(other).mean)
      lab.measure("annotations.jaccardSame", meanSame)
      lab.measure("annotations.jaccardOther", meanOther)
      let consensus = try Connectome.consensus(chosen, kind: .chemical, support: 3)
      lab.measure("annotations.consensusEdges", Double(consensus.connectome.edges.count))
      lab.add(
        Claim(
          "6", "Annotations agree in part, those of one animal more",
          paper: "several annotations of few animals",
          test: "chemical connections that two annotations have in common, between neurons of both: Cook, White and Varshney (largely one animal) against pairs with another animal (Witvliet 7 and 8)",
          criterion: "every pair shares between 20 and 95 %; pairs of one animal share more on average",
          measured: String(
            format: "%.2f in %d pairs of one animal, %.2f in %d others (%.2f to %.2f)", meanSame, same.count, meanOther,
            other.count, (same + other).min() ?? .nan, (same + other).max() ?? .nan),
          holds: meanSame > meanOther && (same + other).allSatisfy { $0 > 0.2 && $0 < 0.95 },
          reason: "what an annotation counts as a connection differs more than animals do"))
    }

    private func weightCorrelation(_ a: Connectome, _ b: Connectome) -> Double {
      let second = Dictionary(
        uniqueKeysWithValues: b.edges.filter { $0.kind == .chemical }.map { ([b.neurons[$0.pre], b.neurons[$0.post]], $0.weight) })
      let pairs = a.edges.filter { $0.kind == .chemical }.compactMap { edge in
        second[[a.neurons[edge.pre], a.neurons[edge.post]]].map { (edge.weight, $0) }
      }
      return Correlation.spearman(pairs.map(\.0), pairs.map(\.1)).coefficient
    }

    // MARK: Figures

    private func development(_ connectomes: [Connectome]) throws {
      let ages = connectomes.filter { $0.name.contains("Witvliet") }
      let chemical = ages.map { $0.edges.filter { $0.kind == .chemical } }
      var plot = Plot(
        name: "development", title: "A wiring grows",
        caption: "Chemical connections, synapses, gap junctions and cells of the brain at eight ages from birth to the adult (Witvliet et al., 2021), relative to the first.",
        x: .init("age", ticks: (1...8).map { (Double($0), "\($0)") }), y: .init("relative to birth"))
      let ages1 = (1...ages.count).map(Double.init)
      func add(_ name: String, _ values: [Double]) {
        plot.add(.linePoints, name, x: ages1, y: values.map { $0 / values[0] })
      }
      add("chemical connections", chemical.map { Double($0.count) })
      add("synapses", chemical.map { $0.reduce(0) { $0 + $1.weight } })
      add("gap junctions", ages.map { age in Double(age.edges.filter { $0.kind == .electrical && $0.pre <= $0.post }.count) })
      add("cells", ages.map { Double($0.count) })
      try lab.add(plot)
      lab.measure("development.connections.first", Double(chemical.first?.count ?? 0))
      lab.measure("development.connections.last", Double(chemical.last?.count ?? 0))
    }

    private func wiringFigure(_ atlas: WormAtlas, kinds: [String: WormNeurons.Kind]) throws {
      let order = atlas.neurons.indices.sorted {
        (kinds[atlas.neurons[$0]] ?? .other, $0) < (kinds[atlas.neurons[$1]] ?? .other, $1)
      }
      let arranged = atlas.connectome.arranged(order.map { atlas.neurons[$0] })
      let groups = order.map { kinds[atlas.neurons[$0]] ?? .other }
      let ticks = WormNeurons.Kind.allCases.compactMap { kind -> (position: Double, label: String)? in
        let own = groups.indices.filter { groups[$0] == kind }
        return own.isEmpty ? nil : (Double(own[own.count / 2]), kind.rawValue)
      }
      let count = arranged.count
      for (kind, name) in [(Connectome.Kind.chemical, "chemical"), (.electrical, "electrical")] {
        let weights = arranged.weights(kind)
        var plot = Plot(
          name: "wiring-\(name)", title: kind == .chemical ? "Chemical synapses" : "Gap junctions",
          caption: "From the neuron of each row to that of each column, \(count) neurons by what they do; weights as log(1 + number).",
          x: .init("to", ticks: ticks), y: .init("from", ticks: ticks.map { (Double(count) - $0.position, $0.label) }))
        plot.heatMap = .init(
          rows: (0..<count).reversed().map { row in (0..<count).map { log(1 + weights[row * count + $0]) } },
          x: 0...Double(count), y: 0...Double(count), label: "log(1 + number)", keepsAspect: true)
        plot.height = 640
        try lab.add(plot)
      }
    }
  }
}
