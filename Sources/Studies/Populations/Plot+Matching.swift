import Alignment
import Figures

extension Plot {
  /// Both matchings of a population's units, the best matched first: a line for the most similar unit of the other population, points
  /// for the one-to-one partner.
  ///
  /// - Parameter population: Whose units they are, for the axis.
  package static func matching(
    _ name: String, title: String, caption: String, population: String, nearest: UnitMatching,
    oneToOne: UnitMatching
  ) -> Plot {
    let order = nearest.order
    let x = order.indices.map { Double($0) + 1 }
    var plot = Plot(
      name: name, title: title, caption: caption, x: .init("unit of \(population), by its best match"),
      y: .init("correlation", range: -0.2...1))
    plot.add(.line, "most similar", x: x, y: order.map { nearest.similarities[$0] })
    // Of very many points some hundred are seen.
    let shown = Array(stride(from: 0, to: order.count, by: max(1, order.count / 200)))
    plot.add(
      .points, "one to one", x: shown.map { x[$0] }, y: shown.map { oneToOne.similarities[order[$0]] })
    return plot
  }
}
