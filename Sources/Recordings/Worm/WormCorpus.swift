import Datasets
import Foundation
import Statistics
import Support
import Tensors

/// Many worms in the common form.
public struct WormCorpus: Sendable {
  public private(set) var worms: [WormRecording] = []

  public init(_ worms: [WormRecording] = []) { self.worms = worms }

  public mutating func append(_ worm: WormRecording) { worms.append(worm) }

  public func filtered(source: String? = nil, minLabelled: Int = 0, minSamples: Int = 0) -> WormCorpus {
    WormCorpus(
      worms.filter {
        (source == nil || $0.source == source) && $0.labelledCount >= minLabelled && $0.sampleCount >= minSamples
      })
  }

  public var sources: [String] {
    worms.reduce(into: [String]()) { if !$0.contains($1.source) { $0.append($1.source) } }
  }

  /// One line a source.
  public struct Summary: Sendable, Equatable {
    public let source: String
    public let worms: Int
    public let samples: Int
    /// The median over worms of the seconds between samples as recorded, and of the seconds recorded.
    public let nativeStep, duration: Double
    /// The means over worms.
    public let neurons, labelled: Double
  }

  public var summary: [Summary] {
    sources.map { source in
      let own = worms.filter { $0.source == source }
      func mean(_ value: (WormRecording) -> Int) -> Double {
        Double(own.reduce(0) { $0 + value($1) }) / Double(own.count)
      }
      return Summary(
        source: source, worms: own.count, samples: own.reduce(0) { $0 + $1.sampleCount },
        nativeStep: Percentile.of(own.map(\.nativeStep), 50),
        duration: Percentile.of(own.map { $0.native.support.duration }, 50), neurons: mean(\.neuronCount),
        labelled: mean(\.labelledCount))
    }
  }

  /// In how many worms each slot was labelled.
  public var coverage: [Int] {
    guard let slots = worms.first?.slots.count else { return [] }
    return worms.reduce(into: [Int](repeating: 0, count: slots)) { counts, worm in
      for (slot, isThere) in worm.mask.enumerated() where isThere { counts[slot] += 1 }
    }
  }

  // MARK: Files

  private static let columns = [
    "source", "worm", "file", "samples", "neurons", "labelled", "native_step", "step",
  ]
  private static let versions: [(name: String, path: KeyPath<WormRecording, Recording> & Sendable)] = [
    ("native", \.native), ("calcium", \.calcium), ("residual", \.residual), ("smooth_calcium", \.smoothCalcium),
    ("smooth_residual", \.smoothResidual),
  ]

  /// Writes a folder: `manifest.csv` with a row a worm, `names.txt` with the slots, and for every worm an archive of NumPy with its
  /// traces `[T, n]`, times, and the slot of every neuron, -1 for those without a name.
  ///
  /// - Throws: `CajalError` naming the path.
  public func write(to folder: URL) throws {
    var manifest = RecordingTable.line(Self.columns)
    for (index, worm) in worms.enumerated() {
      let file = String(format: "worm%04d.npz", index)
      var tensors: NamedTensors = Self.versions.map { ($0.name, worm[keyPath: $0.path].activity) }
      tensors.append(("native_time", Tensor(worm.native.time?.values ?? [])))
      tensors.append(("time", Tensor(worm.calcium.time?.values ?? [])))
      tensors.append(("slot", Tensor(worm.assignments.map { $0.slot ?? -1 })))
      tensors.append(("is_ambiguous", Tensor(worm.assignments.map(\.isAmbiguous))))
      tensors.append((
        "quality", Tensor(worm.quality.flatMap { [$0.interpolated, $0.signalToNoise] }, shape: [worm.neuronCount, 2])
      ))
      try NPZ.write(
        tensors, texts: [("raw_names", worm.assignments.map(\.raw)), ("names", worm.native.neurons.allNames)],
        compressed: true, to: folder.appendingPathComponent(file))
      manifest += RecordingTable.line([
        worm.source, worm.name, file, "\(worm.sampleCount)", "\(worm.neuronCount)", "\(worm.labelledCount)",
        "\(worm.nativeStep)", "\(worm.calcium.time?.step ?? .nan)",
      ])
    }
    try AtomicFile.write(
      Data((worms.first?.slots ?? []).joined(separator: "\n").utf8), to: folder.appendingPathComponent("names.txt"))
    // Last, so that a folder without it is not whole.
    try AtomicFile.write(Data(manifest.utf8), to: folder.appendingPathComponent("manifest.csv"))
  }

  /// Reads a folder that ``write(to:)`` wrote.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf folder: URL) throws {
    let manifest = try CSVFile(contentsOf: folder.appendingPathComponent("manifest.csv"))
    guard manifest.header == Self.columns else {
      throw CajalError("\(manifest.path) has columns \(manifest.header), \(Self.columns) were expected")
    }
    let names = folder.appendingPathComponent("names.txt")
    guard let text = try? String(contentsOf: names, encoding: .utf8) else { throw CajalError("cannot read \(names.path)") }
    let slots = text.split(separator: "\n").map(String.init)
    worms = try manifest.rows.map { row in
      let file = folder.appendingPathComponent(row[2])
      return try Self.worm(file, source: row[0], name: row[1], nativeStep: Double(row[6]) ?? .nan, slots)
    }
  }

  private static func worm(_ file: URL, source: String, name: String, nativeStep: Double, _ slots: [String]) throws
    -> WormRecording
  {
    let (tensors, texts) = try NPZ.readAll(file)
    func tensor(_ name: String) throws -> Tensor {
      guard let found = tensors.first(where: { $0.name == name })?.tensor else {
        throw CajalError("\(file.path) has no array '\(name)'")
      }
      return found
    }
    let (raw, own) = (texts["raw_names"] ?? [], texts["names"] ?? [])
    let (places, open, quality) = (
      try tensor("slot").integers, try tensor("is_ambiguous").integers, try tensor("quality").doubles
    )
    guard raw.count == places.count, own.count == raw.count, open.count == raw.count,
      quality.count == 2 * raw.count, places.allSatisfy({ $0 < slots.count })
    else { throw CajalError("\(file.path): names, slots and qualities of different numbers of neurons") }
    let neurons = try NeuronTable(names: own, site: "head")
    func version(_ name: String) throws -> Recording {
      let stamps = try tensor(name == "native" ? "native_time" : "time").doubles
      return try Recording(
        name: file.path, activity: tensor(name), neurons: neurons,
        time: RecordingFile.axis(stamps, what: "\(file.path), times"), unit: name.contains("residual") ? "z/s" : "z")
    }
    var worm = try WormRecording(
      name: name,
      assignments: raw.indices.map {
        .init(
          raw: raw[$0], name: places[$0] < 0 ? nil : slots[places[$0]], slot: places[$0] < 0 ? nil : places[$0],
          isAmbiguous: open[$0] != 0)
      }, slots: slots, nativeStep: nativeStep, native: version("native"), calcium: version("calcium"),
      residual: version("residual"), smoothCalcium: version("smooth_calcium"),
      smoothResidual: version("smooth_residual"),
      quality: raw.indices.map { .init(interpolated: quality[2 * $0], signalToNoise: quality[2 * $0 + 1]) })
    worm.source = source
    return worm
  }
}

/// How pairs of named neurons go together over many worms.
public struct FunctionalConnectivity: Sendable {
  /// N names.
  public let neurons: [String]
  /// Pearson's correlation, averaged over worms as Fisher's z, `[N · N]`; not a number for pairs that no worm had.
  public let correlation: [Double]
  /// In how many worms each pair was labelled, `[N · N]`.
  public let worms: [Int]

  /// - Parameter version: Unsmoothed traces at their own times, unless asked otherwise.
  public init(_ corpus: WormCorpus, version: KeyPath<WormRecording, Recording> & Sendable = \.native) {
    neurons = corpus.worms.first?.slots ?? []
    let count = neurons.count
    var (sums, counts) = ([Double](repeating: 0, count: count * count), [Int](repeating: 0, count: count * count))
    for worm in corpus.worms {
      let matrix = worm[keyPath: version].correlationMatrix().doubles
      let n = worm.neuronCount
      for (a, slotA) in worm.labelled {
        for (b, slotB) in worm.labelled where a != b {
          sums[slotA * count + slotB] += atanh(max(-0.999_999, min(0.999_999, matrix[a * n + b])))
          counts[slotA * count + slotB] += 1
        }
      }
    }
    correlation = zip(sums, counts).map { $1 > 0 ? tanh($0 / Double($1)) : .nan }
    worms = counts
  }
}
