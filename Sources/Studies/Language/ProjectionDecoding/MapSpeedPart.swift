import Foundation
import Probing
import StudyCore
import Support

extension ProjectionDecoding {
  /// Claim 6: how long the map of z scores takes.
  struct SpeedPart {
    let bench: Bench

    func run() throws {
      let count = min(bench.options.mapTokens, bench.reader.projection.vocabulary)
      let step = bench.reader.projection.vocabulary / count
      let tokens = (0..<count).map { $0 * step }
      let started = Date()
      for (index, site) in NeuronDecoder.Site.allCases.enumerated() {
        _ = bench.reader.zScores(site, tokens: tokens)
        try bench.lab.progress("z scores", index + 1, of: 3, unit: "sites")
      }
      let seconds = Date().timeIntervalSince(started)
      let shape = bench.model.decoder.configuration
      bench.lab.add(
        .decided(
          "6", "A map of neurons takes seconds",
          paper: "all up-projections of an 8-billion-parameter model in less than 15 minutes",
          test: "z scores of \(count) tokens for all \(shape.blocks * shape.neurons) neurons at three sites",
          criterion: "less than 30 s for 1,000 tokens on two cores",
          measured: "\(short(seconds)) s, number of threads: \(Threads.count)", holds: seconds < 30,
          reason: "the machine is slower or busy",
          unless: count < 1000 ? "\(count) tokens were asked for, not 1,000" : nil))
    }
  }
}
