import Figures
import Foundation
import Probing
import StudyCore
import Support

/// The mean spectrum: whether it has peaks at the rates of sentences and phrases, and what takes them away.
struct SpectrumPart {
  let bench: RhythmBench
  let responses: RhythmResponses
  let lab: Lab

  /// An arrangement with what its figures call it.
  private var arrangements: [(name: String, key: String, response: RhythmBench.Response)] {
    [
      ("sentences", "sentences", responses.sentences), ("words exchanged", "exchanged", responses.exchanged),
      ("sentences broken up", "broken", responses.broken), ("random words", "random", responses.random),
      ("sentences shuffled", "shuffled", responses.shuffled),
    ]
  }

  private var units: Int { responses.sentences.neurons.units }
  private var all: [Range<Int>] { [0..<bench.blocks * bench.neurons] }

  /// Peak ratios at the sentence's rate and the fastest phrase's.
  private func ratios(_ spectrum: [Double]) -> [Double] {
    bench.tagging.tags.map { bench.tagging.peakRatio(spectrum, at: $0.frequencies[0], units: units) }
  }

  func run() throws {
    let plain = arrangements.map { ratios($0.response.neurons.meanSpectra(all)[0]) }
    let normalised = arrangements.map { ratios($0.response.neurons.meanSpectra(all, isNormalised: true)[0]) }
    var table = Table(
      name: "peak-ratios",
      caption:
        "Amplitude of the mean spectrum over all neurons at the rates of sentence and phrase, over its four neighbours.",
      columns: ["stream", "sentence", "phrase", "sentence, normalised series", "phrase, normalised series"])
    for (index, arrangement) in arrangements.enumerated() {
      table.append(
        [.text(arrangement.name)] + (plain[index] + normalised[index]).map { .number($0) })
      for (tag, name) in TaggedNeurons.names.enumerated() {
        lab.measure("ratio.\(arrangement.key).\(name)", plain[index][tag])
        lab.measure("ratioNormalised.\(arrangement.key).\(name)", normalised[index][tag])
      }
    }
    try lab.add(table)
    lab.add(structureClaim(plain, normalised))
    lab.add(randomClaim(plain))
    lab.add(exchangeClaim(plain))
    try lab.add(spectra)
    try layers()
  }

  private func text(_ ratios: [Double]) -> String {
    "\(short(ratios[0])) at the sentence's rate and \(short(ratios[1])) at the phrase's"
  }

  private func structureClaim(_ plain: [[Double]], _ normalised: [[Double]]) -> Claim {
    let holds = plain[0].allSatisfy { $0 > 2 } && plain[2].allSatisfy { $0 < 1.5 }
    return .decided(
      "1", "Neurons follow the rhythm of sentences and phrases, and the rhythm needs their structure.",
      paper: "peaks at both rates beyond controls, in six models (no figures quoted)",
      test:
        "Peak ratio (amplitude over that of four neighbours) of the mean spectrum over all neurons, for sentences and for sentences broken up, so that no word is followed by its own successor.",
      criterion: "above 2 at both rates for sentences, below 1.5 for broken ones",
      measured:
        "sentences \(text(plain[0])), broken \(text(plain[2])); words in any order within sentences \(text(plain[4])); of normalised series \(text(normalised[0])), broken \(text(normalised[2]))",
      holds: holds,
      reason: plain[0].allSatisfy { $0 > 2 } ? brokenReason(plain[4]) : "sentences have too small a peak",
      unless: nil)
  }

  /// Broken orders keep some of the rhythm of words.
  private func brokenReason(_ shuffled: [Double]) -> String {
    let shares = PeriodicCorpus.brokenShares(bench.corpus.length)
    let first = shares[0].map { String(format: "%.0f %%", 100 * $0) }.joined(separator: ", ")
    return
      "broken orders do not spread words evenly (a first word comes to the places in \(first) of them), so that a rhythm of word classes remains and stands out the more, the more orders are averaged; with words in any order within their sentence the ratios are \(text(shuffled))"
  }

  private func randomClaim(_ plain: [[Double]]) -> Claim {
    let holds = plain[3].allSatisfy { $0 < 1.3 }
    return Claim(
      "2a", "Without any order of words there is no peak.", paper: "not tested so",
      test: "Peak ratio of streams of the same words in random order.", criterion: "below 1.3 at both rates",
      measured: text(plain[3]), holds: holds, reason: holds ? nil : "random words keep a peak")
  }

  private func exchangeClaim(_ plain: [[Double]]) -> Claim {
    let holds = plain[1].allSatisfy { $0 > 2 }
    return Claim(
      "2b",
      "It is the structure and not the sentences: with every word exchanged for another of its place the peaks stay.",
      paper: "not tested so",
      test: "Peak ratio of streams whose words are exchanged between sentences, place by place.",
      criterion: "above 2 at both rates", measured: text(plain[1]), holds: holds,
      reason: holds ? nil : "a peak falls below 2 when words are exchanged")
  }

  // MARK: Layers, and what words alone give

  private func layers() throws {
    let rows: [(name: String, ratios: [[Double]])] = [
      ("trained", responses.sentences.neurons.meanSpectra(bench.layers).map(ratios)),
      ("untrained", responses.untrained.neurons.meanSpectra(bench.layers).map(ratios)),
    ]
    let embedding = ratios(
      responses.sentences.embedding.meanSpectra([0..<responses.sentences.embedding.series.size(1)])[0])
    let late = bench.blocks / 3..<bench.blocks
    let means = rows.map { row in
      TaggedNeurons.names.indices.map { tag in Spread(late.map { row.ratios[$0][tag] }) }
    }
    for (tag, name) in TaggedNeurons.names.enumerated() {
      lab.measure("ratio.embedding.\(name)", embedding[tag])
      lab.measure("ratio.late.trained.\(name)", means[0][tag].mean)
      lab.measure("ratio.late.untrained.\(name)", means[1][tag].mean)
    }
    let gains = TaggedNeurons.names.indices.map { means[0][$0].mean / embedding[$0] }
    let holds = gains.allSatisfy { $0 > 1.5 }
    lab.add(
      Claim(
        "2c",
        "The peaks are more than the statistics of words at a place: the trained model's exceed those of the words' embedding.",
        paper: "not tested; the design confounds the class of a word with its place",
        test:
          "Mean peak ratio over layers of the last two thirds, over that of the embedding of the same words; an untrained model of the same shape beside it.",
        criterion: "above 1.5 at both rates",
        measured:
          "trained \(means[0][0].text(2)) and \(means[0][1].text(2)) (sentence, phrase; spread over layers), embedding \(short(embedding[0])) and \(short(embedding[1])): \(gains.map(short).joined(separator: " and ")) times; untrained model \(means[1][0].text(2)) and \(means[1][1].text(2))",
        holds: holds,
        reason: holds
          ? nil
          : "the embedding of the words alone has peaks of \(short(embedding[0])) and \(short(embedding[1])): words of a place resemble each other, and averaging over orders leaves just that"
      ))
    for (tag, name) in TaggedNeurons.names.enumerated() {
      var plot = Plot(
        name: "ratio-by-layer-\(name)", title: "Peak at the rate of the \(name), by layer",
        caption:
          "Peak ratio of each layer's mean spectrum in the trained model and in an untrained one of the same shape. Dashed: the embedding of the words alone, which knows no context.",
        x: .init("layer"), y: .init("peak over its neighbours"))
      let x = (0..<bench.blocks).map(Double.init)
      for row in rows { plot.add(.linePoints, row.name, x: x, y: row.ratios.map { $0[tag] }) }
      plot.add(
        .dashed, "embedding", x: [0, Double(bench.blocks - 1)], y: [embedding[tag], embedding[tag]])
      try lab.add(plot)
    }
  }

  private var spectra: Plot {
    let frequencies = bench.tagging.frequencies(units)
    let lines = arrangements.map { ($0.name, Array($0.response.neurons.meanSpectra(all)[0].dropFirst())) }
    let values = lines.flatMap(\.1)
    var plot = Plot(
      name: "spectra", title: "Mean spectrum of all neurons",
      caption:
        "Amplitude of every neuron's series, averaged over \(bench.options.orders) orders of the sentences, mean over neurons. Sentences peak at the rates of sentence and phrase; so do sentences whose words were exchanged place by place; broken sentences and random words do not.",
      x: .init("frequency", unit: "Hz"),
      y: .init("mean amplitude", scale: .log, range: values.min()! * 0.8...values.max()! * 1.4))
    plot.marks = zip(bench.tagging.tags, TaggedNeurons.names).map {
      .vertical($0.frequencies[0], label: $1)
    }
    for (name, spectrum) in lines {
      plot.add(.line, name, x: Array(frequencies.dropFirst()), y: spectrum)
    }
    return plot
  }
}
