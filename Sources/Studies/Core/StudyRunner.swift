import Dispatch
import Foundation
import Support

/// Runs a study and keeps its record.
public struct StudyRunner {
  /// What a run is asked to do.
  public struct Request: Sendable {
    public var size: StudySize = .standard
    public var seed: UInt64 = 1
    public var settings: [(key: String, value: String)] = []
    /// The user's own data.
    public var dataPath: String?
    /// Where figures and tables go; a folder beside the record if nil.
    public var folder: URL?

    public init() {}
  }

  private let store: RunStore

  public init(_ store: RunStore) { self.store = store }

  /// Runs `study` to its end, its failure or its interruption; the record says which.
  ///
  /// - Throws: `CajalError` for wrong options or a folder that cannot be written, before anything is measured.
  public func run(
    _ study: AnyStudy, _ request: Request,
    onStart: (Lab) -> Void = { _ in },
    reporter: @escaping @Sendable (Lab.ProgressReport) -> Void = { _ in }
  ) throws -> RunRecord {
    let values = try study.values(request.size, request.settings)
    let started = Date()
    let folder = request.folder ?? defaultFolder(study.paper.slug, started)
    try prepare(folder)
    let lab = Lab(
      seed: request.seed, size: request.size, dataPath: request.dataPath, folder: folder, reporter: reporter)
    var record = RunRecord(
      id: 0, study: study.paper.slug, state: .running, size: request.size, seed: request.seed,
      options: values.map { .init(name: $0.key, value: $0.value) }, dataPath: request.dataPath,
      version: cajalVersion,
      machine: Machine.description, started: started, duration: 0, peakMemory: 0, folder: folder.path,
      data: [],
      findings: Findings())
    record = try store.begin(record)
    onStart(lab)
    do {
      try study.run(request.settings, lab)
      record.state = .finished
    } catch is Interruption {
      record.state = .partial
    } catch {
      record.state = .failed
      record.problem = "\(error)"
    }
    record.findings = lab.findings
    // A study decides its claims as it goes; a reader wants them in their order.
    record.findings.claims.sort { $0.id.compare($1.id, options: .numeric) == .orderedAscending }
    record.data = lab.dataUsed
    record.duration = Date().timeIntervalSince(started)
    record.peakMemory = Machine.peakMemory
    try store.update(record)
    if record.state != .failed {
      try RunReport(record, study).write(to: folder.appendingPathComponent("report.html"))
    }
    return record
  }

  private func defaultFolder(_ slug: String, _ date: Date) -> URL {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let name = "\(formatter.string(from: date))-\(ProcessInfo.processInfo.processIdentifier)"
    return store.home.appendingPathComponent("runs/\(slug)/\(name)")
  }

  /// Makes the folder and proves that it can be written.
  private func prepare(_ folder: URL) throws {
    let probe = folder.appendingPathComponent(".writable")
    try AtomicFile.write("", to: probe)
    try? FileManager.default.removeItem(at: probe)
  }
}

/// Turns the first Ctrl-C into a polite request; the second ends the program.
public final class InterruptionHandler {
  private let source: any DispatchSourceSignal

  public init(_ request: @escaping @Sendable () -> Void) {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      request()
      signal(SIGINT, SIG_DFL)
    }
    source.resume()
  }

  deinit {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }
}
