import Circuits
import Datasets
import Figures
import Foundation
import StudyCore
import Support

/// The model fitted to tuning curves from before and after adaptation: the user's own, or simulated ones with noise.
struct TuningPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  func report() throws {
    if let own = try bench.ownData(), !own.isFolder {
      try measured(own.url)
    } else {
      try simulated()
    }
  }

  /// The user's own curves.
  private func measured(_ url: URL) throws {
    let data = try MeasuredTuning(csv: url)
    lab.usesData(url.lastPathComponent, fingerprint: try Fingerprint.ofFile(url))
    let count = data.stimuli.count
    let adapter = data.stimuli.indices.min {
      abs(Orientation.wrapped(data.stimuli[$0] - options.adapter))
        < abs(Orientation.wrapped(data.stimuli[$1] - options.adapter))
    }!
    let reference = Array(repeating: 1 / Double(count), count: count)
    let others = (1 - options.probability) / Double(count - 1)
    let context = data.context ?? data.stimuli.indices.map { $0 == adapter ? options.probability : others }
    if data.context == nil {
      lab.note(
        "The data do not say how frequent stimuli were: \(data.stimuli[adapter])° was taken as the adapter, with probability \(options.probability)."
      )
    }
    var generator = lab.generator("fit")
    let fit = try TuningFit(
      data, reference: reference, context: context, starts: options.fitStarts, using: &generator
    ) { try lab.progress("fitting", $0, of: options.fitStarts, unit: "starts") }
    lab.measure("fit.error", fit.error)
    lab.measure("fit.changeExplained", fit.changeExplained)
    try lab.add(parameters([("measured", fit)], truth: nil))
    let measured = try AdaptationReport(
      before: data.before, after: data.after, reference: reference, context: context)
    lab.measure("data.variation.before", measured.variation.before)
    lab.measure("data.variation.after", measured.variation.after)
    lab.measure("data.factors.explained", measured.factors.explained)
    try FitFigures(lab).changes(data, fit, of: "the data")
  }

  /// Data that the canonical model makes, with noise: what the fit can know.
  private func simulated() throws {
    let count = options.fitNeurons
    let (angles, reference) = (Orientation.even(count), OrientationEnsemble(uniform: count).probabilities)
    let context = try GainBench.context(count, options.probability).probabilities
    let truth = TuningFit.Parameters(
      tuning: options.tuning, weights: options.weights, activityPrice: options.activityPrice,
      homeostasis: options.homeostasis)
    let clean = try truth.responses(
      preferred: angles, stimuli: angles, reference: reference, context: context)
    var fits: [(name: String, fit: TuningFit)] = []
    var (own, fresh, ceiling) = ([Double](), [Double](), [Double]())
    for index in 0..<options.fits {
      var generator = lab.generator("fit.\(index)")
      func draw() throws -> MeasuredTuning {
        try .simulated(
          truth, preferred: angles, stimuli: angles, reference: reference, context: context,
          noise: options.noise, using: &generator)
      }
      let (data, other) = (try draw(), try draw())
      let fit = try TuningFit(
        data, reference: reference, starts: options.fitStarts, using: &generator
      ) { start in
        try lab.progress(
          "fitting simulated data", index * options.fitStarts + start, of: options.fits * options.fitStarts,
          unit: "starts")
      }
      fits.append(("simulated \(index + 1)", fit))
      own.append(fit.changeExplained)
      fresh.append(TuningFit.changeExplained(of: other, by: fit.before, fit.after))
      ceiling.append(TuningFit.changeExplained(of: other, by: clean.before, clean.after))
      if index == 0 {
        try AtomicFile.write(data.csv, to: lab.folder.appendingPathComponent("simulated-tuning.csv"))
        try FitFigures(lab).changes(data, fit, of: "simulated data")
      }
    }
    lab.measure("fit.changeExplained", Spread(own).mean)
    lab.measure("fit.changeExplained.otherData", Spread(fresh).mean)
    lab.measure("fit.changeExplained.truth", Spread(ceiling).mean)
    try lab.add(parameters(fits, truth: truth))
    lab.note(
      "simulated-tuning.csv in this folder has the form that --data takes: of the change's variance in other data of the same noise (\(short(100 * options.noise)) %), fitted models explain \(short(100 * Spread(fresh).mean)) %, the true one \(short(100 * Spread(ceiling).mean)) %."
    )
  }

  private func parameters(_ fits: [(name: String, fit: TuningFit)], truth: TuningFit.Parameters?) -> Table {
    var table = Table(
      name: "fit", caption: "The model fitted to tuning before and after adaptation.",
      columns: [
        "data", "κ of tuning", "baseline", "amplitude", "κ of weights", "recurrence", "inhibition",
        "price of activity", "homeostasis", "error", "change explained",
      ])
    func row(_ name: String, _ p: TuningFit.Parameters, _ error: Table.Cell, _ explained: Table.Cell) {
      table.append([
        .text(name), .number(p.tuning.concentration), .number(p.tuning.baseline), .number(p.tuning.amplitude),
        .number(p.weights.concentration), .number(p.weights.strength), .number(p.weights.inhibition),
        .number(p.activityPrice), .number(p.homeostasis), error, explained,
      ])
    }
    if let truth { row("truth", truth, .missing, .missing) }
    for (name, fit) in fits {
      row(name, fit.parameters, .number(fit.error), .number(fit.changeExplained))
    }
    return table
  }
}
