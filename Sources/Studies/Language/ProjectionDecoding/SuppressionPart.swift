import Figures
import Probing
import StudyCore
import Support

extension ProjectionDecoding {
  /// Do neurons that read a noun and write it add to it or take it away, and where?
  struct SuppressionPart {
    let bench: Bench
    /// From which |z| on a neuron counts as writing, and as reading, a noun.
    private static let (writes, reads) = (5.0, 2.0)

    func run() throws {
      let tokens = bench.concepts.map(\.token)
      let z = NeuronDecoder.Site.allCases.map { bench.reader.zScores($0, tokens: tokens).doubles }
      let shape = bench.model.decoder.configuration
      var promoters = [Int](repeating: 0, count: shape.blocks)
      var suppressors = promoters
      for place in z[0].indices
      where abs(z[2][place]) >= Self.writes && min(abs(z[0][place]), abs(z[1][place])) >= Self.reads {
        let block = place / tokens.count / shape.neurons
        if z[0][place] * z[1][place] * z[2][place] > 0 {
          promoters[block] += 1
        } else {
          suppressors[block] += 1
        }
      }
      let late = shape.blocks - 2
      for (name, range) in [("last", late..<shape.blocks), ("earlier", 0..<late)] {
        let (plus, minus) = (promoters[range].reduce(0, +), suppressors[range].reduce(0, +))
        bench.lab.measure("neurons.\(name).promoting", Double(plus))
        bench.lab.measure("neurons.\(name).suppressing", Double(minus))
      }
      bench.lab.note(
        "Neurons that read and write one of the nouns (|z| from \(short(Self.writes)) at the output, \(short(Self.reads)) at gate and linear part): \(promoters[late...].reduce(0, +)) add to a noun that is there and \(suppressors[late...].reduce(0, +)) take it away in the last two blocks, \(promoters[..<late].reduce(0, +)) and \(suppressors[..<late].reduce(0, +)) in those before."
      )
      try bench.lab.add(figure(promoters, suppressors))
    }

    private func figure(_ promoters: [Int], _ suppressors: [Int]) -> Plot {
      var plot = Plot(
        name: "suppression", title: "Neurons that take a noun away",
        caption:
          "Neurons that both read and write one of \(bench.concepts.count) nouns, by what they do to a noun that the stream holds already: the sign of the product of z scores at gate, linear part and output.",
        x: .init("block"), y: .init("neurons"))
      let blocks = promoters.indices.map(Double.init)
      plot.add(.linePoints, "promote it", x: blocks, y: promoters.map(Double.init))
      plot.add(.linePoints, "suppress it", x: blocks, y: suppressors.map(Double.init))
      return plot
    }
  }
}
