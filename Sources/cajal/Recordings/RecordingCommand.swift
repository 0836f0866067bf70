import Figures
import Foundation
import Recordings
import Support
import Tensors

/// `cajal recording`
enum RecordingCommand {
  static let syntax = CommandSyntax(
    name: "recording", operands: "info|convert|plot FILE [TO]",
    summary:
      "Recordings told, converted and drawn: NWB, NPZ, CSV, MATLAB, HDF5, and those of 'cajal record'.",
    flags: [
      .init(name: "dataset", value: "PATH", help: "the array or series of a file with several"),
      .init(name: "rate", value: "HZ", help: "samples per second, where the file does not say"),
      .init(name: "transpose", value: nil, help: "neurons come first in the file"),
      .init(name: "spikes", value: nil, help: "the spikes of a file that holds samples too"),
      .init(name: "bin", value: "S", help: "make counts of spikes in bins of S seconds"),
      .init(name: "resample", value: "S", help: "put samples on a grid of S seconds"),
      .init(name: "smooth", value: "S", help: "smooth by a Gaussian of S seconds"),
      .init(name: "detrend", value: nil, help: "take off a line"),
      .init(name: "dff", value: "P", help: "relative to the P-th percentile of each neuron"),
      .init(name: "z", value: nil, help: "take off the mean, divide by the standard deviation"),
      .init(name: "epoch", value: "NAME", help: "only within epochs of this name"),
      .init(name: "from", value: "S", help: "only from here on, in seconds"),
      .init(name: "to", value: "S", help: "only before here, in seconds"),
      .init(name: "neurons", value: "A,B", help: "only these, by name"),
      .init(name: "out", value: "DIR", help: "where pictures go (pictures)"),
      .init(name: "json", value: nil, help: "print JSON, for programs"),
    ],
    examples: [
      ("cajal recording info session.nwb", "neurons, times, epochs, what the activity looks like"),
      (
        "cajal recording convert traces.mat traces.nwb --dataset traces --rate 3", "a matrix of MATLAB as NWB"
      ),
      ("cajal recording convert session.nwb counts.npz --spikes --bin 0.5", "spikes as counts, for NumPy"),
      (
        "cajal recording plot worm.h5:/gcamp/trace_array --rate 1.67 --z --out pictures",
        "traces, heat map, correlations"
      ),
    ])

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard let verb = arguments.operands.first, ["info", "convert", "plot"].contains(verb) else {
      throw UsageError("expected info, convert or plot, then a file")
    }
    let paths = Array(arguments.operands.dropFirst())
    guard paths.count == (verb == "convert" ? 2 : 1) else {
      throw UsageError(verb == "convert" ? "expected two files: from, and to" : "expected one file")
    }
    let contents = try open(URL(fileURLWithPath: paths[0]), arguments)
    switch verb {
    case "info": try RecordingInfo(contents).print(asJSON: arguments.has("json"))
    case "convert":
      let target = URL(fileURLWithPath: paths[1])
      switch contents {
      case .recording(let recording): try RecordingFile.write(recording, to: target)
      case .spikes(let spikes): try RecordingFile.write(spikes, to: target)
      }
      say("\(target.path): \(RecordingInfo(contents).line)")
    default:
      let folder = URL(fileURLWithPath: arguments.value("out") ?? "pictures")
      for plot in try RecordingPlots.plots(of: contents) {
        let file = folder.appendingPathComponent("\(plot.name).svg")
        try plot.write(to: file)
        print(file.path)
      }
    }
    return 0
  }

  private static func number(_ name: String, _ arguments: Arguments) throws -> Double? {
    guard let text = arguments.value(name) else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw UsageError("--\(name) is '\(text)', expected a number")
    }
    return value
  }

  /// Reads the file, and does with it what the options say, in this order: choice of neurons and times, bins, ΔF/F, detrending,
  /// smoothing, resampling, z-scores.
  private static func open(_ url: URL, _ arguments: Arguments) throws -> RecordingFile.Contents {
    let options = RecordingFile.Options(
      dataset: arguments.value("dataset"), rate: try number("rate", arguments),
      isTransposed: arguments.has("transpose"))
    var contents: RecordingFile.Contents =
      arguments.has("spikes")
      ? .spikes(try RecordingFile.readSpikes(url, options)) : try RecordingFile.open(url, options)
    if let names = arguments.value("neurons")?.split(separator: ",").map(String.init) {
      contents = try select(names, contents)
    }
    if let epochs = try epochs(arguments, contents) {
      switch contents {
      case .recording(let recording): contents = .recording(recording.restricted(to: epochs))
      case .spikes(let spikes): contents = .spikes(spikes.restricted(to: epochs))
      }
    }
    if case .spikes(let spikes) = contents, let width = try number("bin", arguments) {
      contents = .recording(try spikes.binned(width: width))
    }
    guard case .recording(var recording) = contents else { return contents }
    if let percentile = try number("dff", arguments) {
      recording = try recording.relativeFluorescence(percentile: percentile)
    }
    if arguments.has("detrend") { recording = try recording.detrended() }
    if let sigma = try number("smooth", arguments) {
      recording = try recording.smoothed(.gaussian(sigma: sigma))
    }
    if let step = try number("resample", arguments) { recording = try recording.resampled(step: step) }
    if arguments.has("z") { recording = try recording.zScored() }
    return .recording(recording)
  }

  private static func select(_ names: [String], _ contents: RecordingFile.Contents) throws
    -> RecordingFile.Contents
  {
    switch contents {
    case .recording(let recording): return .recording(try recording.selected(neurons: names))
    case .spikes(let spikes):
      return .spikes(
        try spikes.selected(
          units: names.map { name in
            guard let unit = spikes.units.column(ofNeuron: name) else {
              throw CajalError("\(spikes.name) has no unit '\(name)'")
            }
            return unit
          }))
    }
  }

  private static func epochs(_ arguments: Arguments, _ contents: RecordingFile.Contents) throws -> Epochs? {
    let (name, known, support) =
      switch contents {
      case .recording(let recording): (recording.name, recording.epochs, recording.support)
      case .spikes(let spikes): (spikes.name, spikes.epochs, spikes.support)
      }
    var chosen: Epochs?
    if let wanted = arguments.value("epoch") {
      guard let found = known[wanted] else {
        throw CajalError(
          "\(name) has no epochs '\(wanted)'; it has \(known.keys.sorted().joined(separator: ", "))")
      }
      chosen = found
    }
    let (from, to) = (try number("from", arguments), try number("to", arguments))
    guard from != nil || to != nil else { return chosen }
    guard let span = support.span else {
      throw CajalError("\(name) does not say when its samples were taken")
    }
    let (start, end) = (from ?? span.start, to ?? span.end)
    guard start < end else { throw UsageError("--from \(start) lies behind --to \(end)") }
    let window = Epochs(from: start, to: end)
    return chosen.map { $0.restricted(to: window) } ?? window
  }
}
