import Foundation
import Support

/// The spikes that a partition of a population keeps: steps and neurons, in memory up to a limit, then in a file that nobody
/// else sees.
final class SpikeStore: @unchecked Sendable {
  private var kept: [Int32] = []
  private let limit: Int
  private var file: FileHandle?
  private(set) var failure: (any Error)?

  /// - Parameter limit: Bytes.
  init(limit: Int) { self.limit = max(limit, 1 << 16) }

  @inline(__always)
  func append(_ step: Int, _ neurons: UnsafePointer<Int32>, _ count: Int) {
    for k in 0..<count {
      kept.append(Int32(truncatingIfNeeded: step))
      kept.append(neurons[k])
    }
    if kept.count * 4 > limit { spill() }
  }

  private func spill() {
    do {
      if file == nil {
        let url = FileManager.default.temporaryDirectory.appending(path: "cajal-spikes-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
          throw CajalError("\(url.path) cannot be written; spikes beyond \(limit) bytes go there")
        }
        file = try FileHandle(forUpdating: url)
        // The file lives as long as it is open.
        try FileManager.default.removeItem(at: url)
      }
      try kept.withUnsafeBytes { try file!.write(contentsOf: Data($0)) }
      kept.removeAll(keepingCapacity: true)
    } catch {
      failure = error
    }
  }

  /// Everything kept so far: step and neuron in turn.
  func all() throws -> [Int32] {
    if let failure { throw failure }
    guard let file else { return kept }
    let end = try file.offset()
    try file.seek(toOffset: 0)
    let data = try file.readToEnd() ?? Data()
    try file.seek(toOffset: end)
    return data.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) } + kept
  }
}
