import Figures
import Foundation
import Support
import Synchronization

/// What a study works with: its generator, progress, data, output folder and figure sink.
public final class Lab: Sendable {
  public let seed: UInt64
  public let size: StudySize
  /// The user's own data, from `--data`; nil for the study's default.
  public let dataPath: String?
  /// Where figures and tables of this run are written.
  public let folder: URL
  private let gathered = Mutex(Findings())
  private let used = Mutex<[RunRecord.DataUse]>([])
  private let stop = Atomic<Bool>(false)
  private let reporter: @Sendable (ProgressReport) -> Void

  /// How far a piece of work is.
  public struct ProgressReport: Sendable {
    /// What is being done: "Monte-Carlo n=300 a=64".
    public var stage: String
    public var completed: Int
    public var total: Int
    /// What is counted: "trials".
    public var unit: String

    public init(stage: String, completed: Int, total: Int, unit: String) {
      (self.stage, self.completed, self.total, self.unit) = (stage, completed, total, unit)
    }
  }

  public init(
    seed: UInt64, size: StudySize, dataPath: String? = nil, folder: URL,
    reporter: @escaping @Sendable (ProgressReport) -> Void = { _ in }
  ) {
    self.seed = seed
    self.size = size
    self.dataPath = dataPath
    self.folder = folder
    self.reporter = reporter
  }

  /// A fresh generator for the part of the study called `name`; the same name gives the same sequence.
  public func generator(_ name: String) -> RandomGenerator {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return RandomGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ hash)
  }

  /// Notes which data the run reads; `fingerprint` is the SHA-256 of what was read.
  public func usesData(_ name: String, fingerprint: String) {
    used.withLock { uses in
      if !uses.contains(where: { $0.name == name }) {
        uses.append(.init(name: name, fingerprint: fingerprint))
      }
    }
  }

  /// The data that the run has read so far.
  public var dataUsed: [RunRecord.DataUse] { used.withLock { $0 } }

  /// What has been found so far.
  public var findings: Findings { gathered.withLock { $0 } }

  public func measure(_ name: String, _ value: Double, unit: String? = nil) {
    gathered.withLock { $0.metrics.append(.init(name: name, value: value, unit: unit)) }
  }

  public func add(_ claim: Claim) {
    precondition(
      claim.verdict == .holds || claim.reason != nil, "claim \(claim.id) fails without a reason")
    gathered.withLock { $0.claims.append(claim) }
  }

  /// Keeps the table in the record and as CSV beside it.
  public func add(_ table: Table) throws {
    try table.write(to: folder.appendingPathComponent("\(table.name).csv"))
    gathered.withLock { $0.tables.append(table) }
  }

  /// Draws the plot into the run's folder.
  public func add(_ plot: Plot) throws {
    let file = "\(plot.name).svg"
    try plot.write(to: folder.appendingPathComponent(file))
    attach(.init(name: plot.name, title: plot.title, caption: plot.caption, file: file))
  }

  /// Writes the animation into the run's folder.
  public func add(_ animation: Animation) throws {
    let file = "\(animation.name).svg"
    try animation.write(to: folder.appendingPathComponent(file))
    attach(.init(name: animation.name, title: animation.title, caption: animation.caption, file: file))
  }

  /// Registers a picture that lies in ``folder`` already.
  public func attach(_ figure: Findings.Attachment) {
    gathered.withLock { $0.figures.append(figure) }
  }

  public func note(_ text: String) {
    gathered.withLock { $0.notes.append(text) }
  }

  /// Reports progress and honours an interruption.
  ///
  /// - Throws: `Interruption` when the run was asked to stop.
  public func progress(_ stage: String, _ completed: Int, of total: Int, unit: String = "") throws {
    reporter(ProgressReport(stage: stage, completed: completed, total: total, unit: unit))
    if isInterrupted { throw Interruption() }
  }

  /// Asks the run to stop at its next report of progress.
  public func interrupt() { stop.store(true, ordering: .relaxed) }

  public var isInterrupted: Bool { stop.load(ordering: .relaxed) }
}
