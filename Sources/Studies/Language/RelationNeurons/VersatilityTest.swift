import Figures
import Probing
import StudyCore
import Support

extension RelationNeurons {
  /// Claim 3: related relations share neurons, and suffer together.
  struct VersatilityTest {
    let bench: Bench
    let matrix: MatrixPart.Result

    /// A pair of relations.
    private struct Pair {
      let first, second: Int
      /// The mean fall of each when the other's experts are off, in nats.
      let mutual: Double
      /// Shared experts over what chance gives: of those that are switched off, and of more.
      let overlap: Double
      let wideOverlap: Double
    }

    func run() throws {
      let wide = bench.relations.indices.map { bench.experts($0, bench.options.sharedCount) }
      let shared = NeuronSet.overlapMatrix(wide)
      let pairs = pairs(NeuronSet.overlapMatrix(matrix.sets), shared)
      let (difference, p) = permuted(pairs)
      let related = pairs.filter { isRelated($0.first, $0.second, families) }
      let unrelated = pairs.filter { !isRelated($0.first, $0.second, families) }
      let obstacle = related.isEmpty || unrelated.isEmpty ? "there are no pairs of both kinds" : nil
      func means(_ path: KeyPath<Pair, Double>) -> [Double] {
        [related, unrelated].map { $0.isEmpty ? Double.nan : Spread($0.map { $0[keyPath: path] }).mean }
      }
      let (overlaps, wider) = (means(\.overlap), means(\.wideOverlap))
      if obstacle == nil {
        bench.lab.measure("versatility.difference", difference, unit: "nats")
        bench.lab.measure("versatility.p", p)
        bench.lab.measure("overlap.related", overlaps[0])
        bench.lab.measure("overlap.unrelated", overlaps[1])
        bench.lab.measure("overlap.wide.related", wider[0])
        bench.lab.measure("overlap.wide.unrelated", wider[1])
      }
      try bench.lab.add(figure(shared))
      bench.lab.add(
        .decided(
          "3", "Neurons are shared, above all by related relations",
          paper: "relations share neurons with related and even with unrelated relations",
          test:
            "falls that two relations' experts cause each other, families of relations permuted; shared experts over chance",
          criterion: "related pairs fall farther (p < 0.05) and share more experts than chance",
          measured: obstacle == nil
            ? "\(related.count) related and \(unrelated.count) other pairs: difference \(short(difference)) nats, p = \(short(p)); related pairs share \(short(overlaps[0])) times as many experts as chance, others \(short(overlaps[1])); of the \(bench.options.sharedCount) best \(short(wider[0])) and \(short(wider[1])) times"
            : "",
          holds: p < 0.05 && overlaps[0] > 1,
          reason: [
            p < 0.05 ? nil : "related pairs do not clearly harm each other more",
            overlaps[0] > 1
              ? nil
              : "an expert ranks its own relation before all others, so that where hundreds of neurons do so without error, as here, relations exclude each other's experts",
          ].compactMap { $0 }.joined(separator: "; "),
          unless: obstacle ?? tooFew))
    }

    private var families: [String] { bench.relations.map { $0.family ?? $0.name } }

    /// With few relations even the clearest order of families comes about often.
    private var tooFew: String? {
      bench.relations.count < 6
        ? "\(bench.relations.count) relations; six are needed to permute families" : nil
    }

    private func isRelated(_ a: Int, _ b: Int, _ families: [String]) -> Bool { families[a] == families[b] }

    private func pairs(_ shared: [[Int]], _ wide: [[Int]]) -> [Pair] {
      let count = bench.relations.count
      return (0..<count).flatMap { a in
        (a + 1..<max(count, a + 1)).map { b in
          func ratio(_ shared: [[Int]]) -> Double {
            Double(shared[a][b]) * Double(bench.neuronCount) / Double(shared[a][a] * shared[b][b])
          }
          return Pair(
            first: a, second: b, mutual: (matrix.drop(a, b) + matrix.drop(b, a)) / 2,
            overlap: ratio(shared), wideOverlap: ratio(wide))
        }
      }
    }

    /// The mean mutual fall of related pairs less that of others, and how often permuted families give as much.
    private func permuted(_ pairs: [Pair]) -> (difference: Double, p: Double) {
      func difference(_ families: [String]) -> Double {
        let groups = Dictionary(grouping: pairs) { isRelated($0.first, $0.second, families) }
        guard let related = groups[true], let others = groups[false] else { return .nan }
        return Spread(related.map(\.mutual)).mean - Spread(others.map(\.mutual)).mean
      }
      let observed = difference(families)
      var generator = bench.lab.generator("versatility")
      let draws = 4_999
      let extreme = (0..<draws).count { _ in
        var order = families
        generator.shuffle(&order)
        return difference(order) >= observed - 1e-12
      }
      return (observed, Double(extreme + 1) / Double(draws + 1))
    }

    private func figure(_ shared: [[Int]]) -> Plot {
      let extent = 0...Double(bench.relations.count)
      let ticks = MatrixPart.ticks(bench.relations)
      var plot = Plot(
        name: "overlap", title: "Experts that relations share",
        caption:
          "Share of the \(bench.options.sharedCount) best experts of one relation that are among those of the other too; chance gives \(short(100 * Double(bench.options.sharedCount) / Double(bench.neuronCount))) %. The diagonal is left out.",
        x: .init("relation", range: extent, ticks: ticks), y: .init("relation", range: extent, ticks: ticks))
      plot.heatMap = .init(
        rows: shared.enumerated().map { a, row in
          row.enumerated().map { b, count in
            a == b ? .nan : 100 * Double(count) / Double(row[a])
          }
        }, x: extent, y: extent, label: "shared experts (%)")
      return plot
    }
  }
}
