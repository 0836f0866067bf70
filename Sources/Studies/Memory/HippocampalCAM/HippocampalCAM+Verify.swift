import Neurons
import StudyCore
import Support

extension HippocampalCAM {
  public static func verify(_ golden: inout GoldenFile) throws {
    guard let value = golden.section("cases") else { return }
    var comparison = Comparison("cases")
    guard let cases = value.array, !cases.isEmpty else {
      throw CajalError("'cases' should be an array of recorded runs")
    }
    for (index, value) in cases.enumerated() {
      let name = value["name"].string ?? "case \(index)"
      do { try RecordedRun(value).compare(name, &comparison) } catch let error as CajalError {
        throw CajalError("'\(name)': \(error.message)")
      }
    }
    golden.report(comparison)
  }
}

/// A run as the file has it: what went in, what fired, and weights on the way.
private struct RecordedRun {
  typealias Layer = ContentAddressableMemory.Layer

  let cueSize, contentSize, duration: Int
  /// By neuron, milliseconds.
  let cues, content: [[Int]]
  let spikes: [Layer: [Int: [Int]]]
  /// By millisecond: both matrices, as rows.
  let weights: [Int: (forward: [[Double]], backward: [[Double]])]

  private static let keys: [(layer: Layer, key: String)] = [
    (.cueCue, "cueCue"), (.contentCue, "contCue"), (.condition, "cond"), (.conditionInterneuron, "condInt"),
    (.contentContent, "contCont"), (.cueContent, "cueCont"), (.mergedCue, "mCue"), (.mergedContent, "mCont"),
    (.outputCue, "outCue"), (.outputContent, "outCont"),
  ]

  init(_ value: JSONValue) throws {
    (cueSize, contentSize) = (try value.integer("cueSize"), try value.integer("contSize"))
    duration = try value.integer("simTime_ms")
    guard cueSize > 0, contentSize > 0, (1...100_000).contains(duration) else {
      throw CajalError("\(cueSize) cues, \(contentSize) bits and \(duration) ms are no run")
    }
    cues = try Self.lists(value, "input_spikes_cue", count: cueSize)
    content = try Self.lists(value, "input_spikes_cont", count: contentSize)
    var spikes: [Layer: [Int: [Int]]] = [:]
    for (layer, key) in Self.keys {
      let rows = try Self.lists(value["spikes"], key, count: nil)
      guard rows.allSatisfy({ $0.count > 1 }) else {
        throw CajalError("'spikes.\(key)' should hold rows of a time and neurons")
      }
      spikes[layer] = Dictionary(rows.map { ($0[0], $0.dropFirst().sorted()) }, uniquingKeysWith: +)
    }
    self.spikes = spikes
    guard let snapshots = value["weights"].object else { throw CajalError("'weights' should be an object") }
    var weights: [Int: (forward: [[Double]], backward: [[Double]])] = [:]
    for (time, matrices) in snapshots {
      guard let moment = Int(time) else {
        throw CajalError("'weights.\(time)' should be named by a time in ms")
      }
      weights[moment] = (
        try matrices.rows("cueCue_to_contCue"), try matrices.rows("contCont_to_cueCont")
      )
    }
    self.weights = weights
  }

  private static func lists(_ value: JSONValue, _ key: String, count: Int?) throws -> [[Int]] {
    guard let rows = value[key].array, count.map({ $0 == rows.count }) ?? true else {
      throw CajalError("'\(key)' should be an array of \(count.map(String.init) ?? "") lists")
    }
    return try rows.map { row in
      guard let numbers = row.array, case let values = numbers.compactMap(\.int),
        values.count == numbers.count
      else { throw CajalError("'\(key)' should hold lists of whole numbers") }
      return values
    }
  }

  func compare(_ name: String, _ comparison: inout Comparison) throws {
    let memory = try ContentAddressableMemory(cueSize: cueSize, contentSize: contentSize)
    for time in 0..<duration {
      func firing(_ lists: [[Int]]) -> [Int] { lists.indices.filter { lists[$0].contains(time) } }
      _ = try memory.step(cues: firing(cues), content: firing(content))
      if let expected = weights[time] {
        let own = memory.weights(consolidated: false)
        comparison.check(own.cueToContent.flatMap { $0 }, expected.forward.flatMap { $0 }, absolute: 1e-6)
        comparison.check(own.contentToCue.flatMap { $0 }, expected.backward.flatMap { $0 }, absolute: 1e-6)
      }
    }
    for (layer, key) in Self.keys {
      let own = Dictionary(try memory.raster(of: layer).map { ($0.time, $0.neurons) }) { $0 + $1 }
      for time in 0..<duration {
        comparison.checkEqual(
          own[time] ?? [], spikes[layer]![time] ?? [], "\(name), \(key) at \(time) ms")
      }
    }
  }
}
