import Figures
import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Claim 1: the set of functions of a quadratic network has the higher dimension.
  struct Expressivity {
    let options: QuadraticNetworks.Options
    let lab: Lab

    /// The architectures of the reference table: widths from inputs to outputs, the last layer affine.
    private static let architectures = [
      [2, 1, 1], [2, 2, 1], [3, 2, 1], [4, 3, 2], [2, 2, 2, 1], [2, 3, 2, 1], [3, 2, 2, 1],
    ]

    /// The two families at one architecture, or at two of equal parameter count.
    private struct Row: Sendable {
      var squareWidths: [Int]
      var quadraticWidths: [Int]
      var square: FunctionalDimension
      var quadratic: FunctionalDimension

      /// The dimension of all polynomials of the degree that both have.
      var polynomials: Int {
        let degree = 1 << (squareWidths.count - 2)
        return squareWidths.last!
          * FunctionalDimension.polynomials(variables: squareWidths[0], degree: degree)
      }
      /// More where there is room: a family that gives every polynomial of its degree cannot be beaten.
      var isRicher: Bool {
        quadratic.rank > square.rank || (quadratic.rank == square.rank && square.rank == polynomials)
      }
      var isReliable: Bool { square.isReliable && quadratic.isReliable }
    }

    func run() throws {
      let same = try measure("dimension of equal architectures", Self.architectures.map { ($0, $0) })
      let pairs = try measure("dimension at equal parameter counts", equalPairs())
      try lab.add(table("dimensions", "Generic dimension of two families of the same widths.", same))
      try lab.add(
        table(
          "equal-parameters", "Generic dimension of two families with the same number of parameters.", pairs))
      try lab.add(figure(same))
      try lab.add(pairFigure(pairs))
      for row in same {
        let name = row.squareWidths.map(String.init).joined(separator: "-")
        lab.measure("dimension.\(name).square", Double(row.square.rank))
        lab.measure("dimension.\(name).quadratic", Double(row.quadratic.rank))
      }
      lab.add(claim(same, pairs))
    }

    private func measure(_ stage: String, _ rows: [(square: [Int], quadratic: [Int])]) throws -> [Row] {
      let found = try lab.trials(stage, settings: rows.count, seeds: 1) { index, _, generator, _ in
        let (square, quadratic) = rows[index]
        return Row(
          squareWidths: square, quadraticWidths: quadratic,
          square: .measure(.squareActivation, square, using: generator),
          quadratic: .measure(.quadratic, quadratic, using: generator))
      }
      return found.map { $0[0] }
    }

    /// All pairs of small networks with the same inputs, depth and number of parameters, one output each.
    private func equalPairs() -> [(square: [Int], quadratic: [Int])] {
      (2...5).flatMap { inputs in
        [1, 2].flatMap { depth in
          let candidates = hiddenWidths(depth).map { [inputs] + $0 + [1] }
          let quadratic = candidates.filter { parameters($0, weights: 3) <= options.pairParameters }
          return quadratic.flatMap { own in
            candidates.filter { parameters($0, weights: 1) == parameters(own, weights: 3) }.map { ($0, own) }
          }
        }
      }
    }

    private func hiddenWidths(_ depth: Int) -> [[Int]] {
      let widths = 1...options.pairParameters / 3
      return depth == 1 ? widths.map { [$0] } : widths.flatMap { a in widths.map { [a, $0] } }
    }

    /// Parameters of a network whose hidden neurons have so many weights an input, and biases.
    private func parameters(_ widths: [Int], weights: Int) -> Int {
      zip(widths, widths.dropFirst()).enumerated().reduce(0) { total, layer in
        let (inputs, outputs) = layer.element
        return total + outputs * (inputs + 1) * (layer.offset == widths.count - 2 ? 1 : weights)
      }
    }

    private func claim(_ same: [Row], _ pairs: [Row]) -> Claim {
      let rows = same.map { "\(text($0.squareWidths)): \($0.square.rank) against \($0.quadratic.rank)" }
      let more = pairs.count { $0.quadratic.rank > $0.square.rank }
      let fewer = pairs.count { $0.quadratic.rank < $0.square.rank }
      let best = pairs.max { $0.quadratic.rank - $0.square.rank < $1.quadratic.rank - $1.square.rank }
      let richer = same.allSatisfy(\.isRicher)
      let reliable = (same + pairs).allSatisfy(\.isReliable)
      let example = best.map {
        "; most in favour: \(text($0.quadraticWidths)) with \($0.quadratic.rank) against \(text($0.squareWidths)) with \($0.square.rank), \($0.square.parameters) parameters each"
      }
      return Claim(
        "1",
        "Quadratic networks reach a larger set of functions than conventional ones with a squared activation.",
        paper: "The closure of the functions' coefficients has the higher dimension (theorem 2).",
        test:
          "Generic rank of the Jacobian of the outputs at 2P + 20 random inputs with respect to P random parameters, in double precision, twice; at equal widths, and for all \(pairs.count) pairs of small networks of the same inputs, depth and parameter count (up to \(options.pairParameters)).",
        criterion:
          "at equal widths the rank is higher in every row (equal only where the squared activation gives every polynomial of its degree already), and higher for at least one pair of equal parameter count; every rank confirmed by a second draw with a gap of 10^6",
        measured:
          "\(rows.joined(separator: ", ")). At equal parameter counts \(more) higher, \(pairs.count - more - fewer) equal, \(fewer) lower\(example ?? "").",
        holds: richer && more > 0 && reliable,
        reason: reason(richer, more, reliable))
    }

    private func reason(_ richer: Bool, _ more: Int, _ reliable: Bool) -> String? {
      if !reliable { return "a rank was not confirmed by its second draw" }
      if !richer { return "a row of equal widths has no higher rank" }
      if more == 0 { return "the gain vanishes when parameters are counted" }
      return nil
    }

    private func text(_ widths: [Int]) -> String { widths.map(String.init).joined(separator: "-") }

    private func table(_ name: String, _ caption: String, _ rows: [Row]) -> Table {
      var table = Table(
        name: name, caption: caption,
        columns: [
          "squared activation", "parameters", "rank", "quadratic neurons", "parameters ", "rank ",
          "all polynomials of that degree",
        ])
      for row in rows {
        table.append([
          .text(text(row.squareWidths)), .integer(row.square.parameters), .integer(row.square.rank),
          .text(text(row.quadraticWidths)), .integer(row.quadratic.parameters), .integer(row.quadratic.rank),
          .integer(row.polynomials),
        ])
      }
      return table
    }

    private func figure(_ rows: [Row]) -> Plot {
      let positions = rows.indices.map { Double($0 + 1) }
      var plot = Plot(
        name: "functional-dimension", title: "Dimension of the set of functions at equal widths",
        caption:
          "Generic dimension of the set of functions for seven architectures; the bars are the dimension of all polynomials of that degree.",
        x: .init(
          "widths, inputs to outputs", range: 0.5...(Double(rows.count) + 0.5),
          ticks: zip(positions, rows).map { ($0, text($1.squareWidths)) }),
        y: .init("dimension", range: 0...40))
      plot.add(.bars, "all polynomials", x: positions, y: rows.map { Double($0.polynomials) })
      plot.add(
        .points, "quadratic neurons", x: positions.map { $0 - 0.12 },
        y: rows.map { Double($0.quadratic.rank) })
      plot.add(
        .points, "squared activation", x: positions.map { $0 + 0.12 }, y: rows.map { Double($0.square.rank) })
      return plot
    }

    private func pairFigure(_ rows: [Row]) -> Plot {
      let most = Double(rows.map { max($0.quadratic.rank, $0.square.rank) }.max() ?? 1) + 1
      var plot = Plot(
        name: "dimension-by-parameters", title: "Dimension at equal parameter counts",
        caption:
          "Each point is a pair of networks with the same inputs, depth and number of parameters; above the dashed line the quadratic one has the higher dimension.",
        x: .init("dimension with squared activation", range: 0...most),
        y: .init("dimension with quadratic neurons", range: 0...most))
      plot.add(
        .points, "pairs", x: rows.map { Double($0.square.rank) }, y: rows.map { Double($0.quadratic.rank) })
      plot.add(.dashed, "equal", x: [0, most], y: [0, most])
      return plot
    }
  }
}
