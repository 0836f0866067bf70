import Figures
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// How many neurons stand for a token, and where: claims 1 and 4.
  struct MapPart {
    let bench: Bench

    /// The best tokens at a site, and those of control vectors.
    struct SiteMap {
      let site: NeuronDecoder.Site
      let real: TopTokens
      /// Vectors of any direction: randomly turned.
      let turned: TopTokens
      /// Gaussian vectors with the mean and covariance of each block's own.
      let mixed: TopTokens

      func standingOut(_ threshold: Double) -> (real: Int, turned: Int, mixed: Int) {
        func count(_ tokens: TopTokens) -> Int { tokens.zScores.count { $0 > threshold } }
        return (count(real), count(turned), count(mixed))
      }
    }

    func run() throws {
      let neurons = bench.neurons(bench.options.neuronsPerBlock)
      let maps = try NeuronDecoder.Site.allCases.map { site in
        SiteMap(
          site: site, real: try read(site, neurons), turned: try control(site, neurons, Self.turned),
          mixed: try control(site, neurons, Self.mixed))
      }
      for map in maps { measure(map) }
      for claim in interpretableShare(maps) { bench.lab.add(claim) }
      bench.lab.add(depth(maps))
      try bench.lab.add(zFigure(maps))
      try bench.lab.add(strengthFigure(maps))
      try bench.lab.add(table(maps, neurons))
      try bench.lab.add(lensFigure())
    }

    private func read(_ site: NeuronDecoder.Site, _ neurons: [Int]) throws -> TopTokens {
      let blocks = bench.model.decoder.blocks.count
      return try bench.reader.map(site, neurons: neurons) {
        try bench.lab.progress("reading \(site.rawValue)", $0, of: blocks, unit: "blocks")
      }
    }

    /// As many random vectors made from those of each block.
    private func control(
      _ site: NeuronDecoder.Site, _ neurons: [Int],
      _ make: (_ rows: Tensor, _ count: Int, inout RandomGenerator) -> Tensor
    ) throws -> TopTokens {
      var result = TopTokens()
      var generator = bench.lab.generator("control \(site.rawValue)")
      let blocks = bench.model.decoder.blocks.count
      for block in 0..<blocks {
        let rows = bench.reader.vectors(site, block: block)
        let random = withoutGradients { make(rows, neurons.count, &generator) }
        result.append(bench.reader.projection.topTokens(random) { _ in })
        try bench.lab.progress("control of \(site.rawValue)", block + 1, of: blocks, unit: "blocks")
      }
      return result
    }

    /// A vector turned at random may point anywhere; its length, which z scores do not see, is that of a typical row.
    static func turned(_ rows: Tensor, _ count: Int, _ generator: inout RandomGenerator) -> Tensor {
      Tensor.normal([count, rows.size(1)], using: &generator)
        * (rows.square().mean().item.squareRoot())
    }

    /// Normal vectors of the mean and covariance of rows `[N, D]`: random mixtures of the centred rows have just that.
    static func mixed(_ rows: Tensor, _ count: Int, _ generator: inout RandomGenerator) -> Tensor {
      let mean = rows.mean(axis: 0)
      let weights = Tensor.normal([count, rows.size(0)], using: &generator)
      return mean + weights.matmul(rows - mean) / Double(rows.size(0)).squareRoot()
    }

    private func measure(_ map: SiteMap) {
      let counts = map.standingOut(bench.options.threshold)
      let name = map.site.rawValue
      bench.lab.measure("standingOut.\(name)", Double(counts.real) / Double(map.real.tokens.count))
      bench.lab.measure("standingOut.\(name).turned", Double(counts.turned) / Double(map.turned.tokens.count))
      bench.lab.measure("standingOut.\(name).mixed", Double(counts.mixed) / Double(map.mixed.tokens.count))
      bench.lab.measure("probability.\(name)", Spread(map.real.probabilities).mean)
    }

    /// Claim 1 against turned vectors, claim 1a against mixtures.
    private func interpretableShare(_ maps: [SiteMap]) -> [Claim] {
      let counts = maps.map { $0.standingOut(bench.options.threshold) }
      return [
        share(
          "1", "Weights of neurons stand for tokens", "vectors turned at random", maps, counts.map(\.real),
          counts.map(\.turned),
          "rows of rare word fragments are several times as long as others, so that vectors of any direction find one that stands out"
        ),
        share(
          "1a", "Weights of neurons stand for tokens beyond what their covariance makes them",
          "Gaussian vectors with the mean and covariance of each block", maps, counts.map(\.real),
          counts.map(\.mixed),
          "much of it is common to a block's neurons: directions in which they vary make tokens stand out too"
        ),
      ]
    }

    private func share(
      _ id: String, _ statement: String, _ control: String, _ maps: [SiteMap], _ real: [Int], _ random: [Int],
      _ reason: String
    ) -> Claim {
      let ratios = zip(real, random).map { Double($0) / Double(max($1, 1)) }
      let parts = maps.indices.map { "\(maps[$0].site.rawValue) \(real[$0]) against \(random[$0])" }
      let passing = Set(maps.indices.filter { ratios[$0] >= 10 }.map { maps[$0].site })
      return .decided(
        id, statement, paper: "many neurons decode to one clear token",
        test:
          "neurons whose best token lies more than \(short(bench.options.threshold)) standard deviations above the mean product, against \(control)",
        criterion:
          "at least ten times as many as in the control (counted as one at least), at the gate and at the output",
        measured: "of \(maps[0].real.tokens.count) neurons: \(parts.joined(separator: ", "))",
        holds: passing.isSuperset(of: [.gate, .down]), reason: reason,
        unless: real.max()! < 20 ? "too few neurons were read to compare" : nil)
    }

    /// The mean strength of each block at a site.
    private func strengths(_ map: SiteMap) -> [Double] {
      let blocks = bench.model.decoder.blocks.count
      let each = map.real.probabilities.count / blocks
      return (0..<blocks).map { Spread(Array(map.real.probabilities[$0 * each..<($0 + 1) * each])).mean }
    }

    private func depth(_ maps: [SiteMap]) -> Claim {
      let blocks = bench.model.decoder.blocks.count
      let late = blocks * 5 / 6
      let ratios = maps.map { map in
        let strengths = strengths(map)
        return Spread(Array(strengths[late...])).mean / Spread(Array(strengths[..<late])).mean
      }
      let parts = zip(maps, ratios).map { "\($0.site.rawValue) \(short($1))" }
      return Claim(
        "4", "Only late neurons decode clearly",
        paper: "not in the paper; expected from how the output matrix is used",
        test: "mean softmax probability of the best token, blocks from \(late) on against those before",
        criterion: "at least twice as large at the gate, the linear part and the output",
        measured: "ratios: \(parts.joined(separator: ", "))", holds: ratios.allSatisfy { $0 >= 2 },
        reason: ratios.allSatisfy { $0 >= 2 } ? nil : "early neurons decode as strongly at some site")
    }

    private func zFigure(_ maps: [SiteMap]) -> Plot {
      var plot = Plot(
        name: "standing-out", title: "How far the best token stands out",
        caption:
          "Share of neurons whose best token's z score exceeds a value, at the three sites (lines), for Gaussian vectors of the same covariance (dashed, same colour), and for vectors of any direction.",
        x: .init("z score of the best token"), y: .init("share of neurons beyond", scale: .log))
      let grid = stride(from: 3.0, through: 14, by: 0.25).map { $0 }
      func shares(_ z: [Double]) -> [Double] {
        grid.map { limit in Double(z.count { $0 > limit }) / Double(z.count) }
      }
      for map in maps { plot.add(.line, map.site.rawValue, x: grid, y: shares(map.real.zScores)) }
      for map in maps {
        plot.add(.dashed, "", x: grid, y: shares(map.mixed.zScores), colourOf: map.site.rawValue)
      }
      plot.add(.dashed, "any direction", x: grid, y: shares(maps[0].turned.zScores))
      plot.marks = [.vertical(bench.options.threshold, label: "threshold")]
      return plot
    }

    private func strengthFigure(_ maps: [SiteMap]) -> Plot {
      var plot = Plot(
        name: "depth", title: "Where neurons decode clearly",
        caption: "Mean softmax probability of a neuron's best token, by block.",
        x: .init("block"), y: .init("mean probability of the best token", scale: .log))
      for map in maps {
        let values = strengths(map)
        plot.add(.linePoints, map.site.rawValue, x: values.indices.map(Double.init), y: values)
      }
      return plot
    }

    private func table(_ maps: [SiteMap], _ neurons: [Int]) -> Table {
      var table = Table(
        name: "clearest", caption: "The neurons whose best token stands out most.",
        columns: ["site", "block", "neuron", "best token", "z score", "probability"])
      for map in maps {
        for place in ranking(map.real.zScores, count: 10) {
          table.append([
            .text(map.site.rawValue), .integer(place / neurons.count),
            .integer(neurons[place % neurons.count]), .text(bench.text(map.real.tokens[place])),
            .number(map.real.zScores[place]), .number(map.real.probabilities[place]),
          ])
        }
      }
      return table
    }

    /// Where along the blocks the stream itself comes to say what the model will say.
    private func lensFigure() throws -> Plot {
      let prompts = bench.prompts
      let final = bench.model.decoder.lastLogits(prompts).argmax(axis: -1).integers
      let scores = LogitLens(bench.model.decoder).scores(zip(prompts, final).map { Cloze($0, [$1]) })
      let values = scores.map { Spread($0.map(\.logProbability)) }
      var plot = Plot(
        name: "lens", title: "When the stream says what the model will say",
        caption:
          "Log probability of the model's own next token if the residual stream after each block were the last (bars: standard error over \(prompts.count) prompts).",
        x: .init("block"), y: .init("log probability", unit: "nats"))
      plot.add(
        .linePoints, "", x: values.indices.map(Double.init), y: values.map(\.mean),
        error: values.map(\.standardError))
      return plot
    }
  }
}
