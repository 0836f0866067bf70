import Datasets
import Foundation
import Support

/// What `cajal data info FILE` says of a file, told by its content.
struct DataInfo: Encodable {
  let file: String
  let kind: String
  /// Names and values, in order.
  let facts: [Fact]

  struct Fact: Encodable {
    let name, value: String
  }

  private init(_ url: URL, _ kind: String, _ facts: [(String, String)]) {
    file = url.path
    self.kind = kind
    self.facts = facts.map(Fact.init)
  }

  /// - Throws: `CajalError` naming the file and what is wrong with it.
  init(of url: URL) throws {
    switch url.pathExtension.lowercased() {
    case "nir": self.init(url, "network (NIR)", Self.facts(try NIRGraph(contentsOf: url)))
    case "aedat", "aedat4", "bin", "npy":
      self.init(url, "events", Self.facts(try EventStream(contentsOf: url)))
    case "wav": self.init(url, "sound", Self.facts(try Waveform(contentsOf: url)))
    case "csv", "tsv": self.init(url, "spike trains", Self.facts(try LabelledSpikes(csv: url)))
    case "npz":
      if let spikes = try? LabelledSpikes(npz: url) {
        self.init(url, "spike trains", Self.facts(spikes))
      } else {
        self.init(url, "events", Self.facts(try EventStream(npz: url)))
      }
    case "h5", "hdf5", "hdf", "nwb": try self.init(hdf5: url)
    default:
      throw CajalError(
        "\(url.path): files that can be described end in .h5, .hdf5, .nwb, .nir, .npz, .npy, .csv, .aedat, .aedat4, .bin or .wav"
      )
    }
  }

  private init(hdf5 url: URL) throws {
    let root = try HDF5File(contentsOf: url).root
    if root.contains("spikes/times") {
      self.init(url, "spike trains (SHD)", Self.facts(try LabelledSpikes(shd: url)))
    } else if root.contains("node/type") {
      self.init(url, "network (NIR)", Self.facts(try NIRGraph(contentsOf: url)))
    } else if root.contains("events") {
      self.init(url, "events", Self.facts(try EventStream(hdf5: url)))
    } else {
      self.init(url, "HDF5", try Self.tree(root, depth: 0))
    }
  }

  private static func facts(_ spikes: LabelledSpikes) -> [(String, String)] {
    let rate = spikes.spikesPerSample / max(Double(spikes.duration), 1e-9) / Double(spikes.channelCount)
    var facts = [
      ("samples", "\(spikes.count)"), ("channels", "\(spikes.channelCount)"),
      ("classes", "\(spikes.classCount): \(spikes.classNames.prefix(24).joined(separator: ", "))"),
      ("spikes a sample", String(format: "%.0f", spikes.spikesPerSample)),
      ("last spike", String(format: "%.3f s", spikes.duration)),
      ("rate a channel", String(format: "%.1f Hz over the longest sample", rate)),
    ]
    if let speakers = spikes.speakers { facts.append(("speakers", "\(Set(speakers).count)")) }
    facts.append(("SHA-256", spikes.fingerprint))
    return facts
  }

  private static func facts(_ stream: EventStream) -> [(String, String)] {
    let seconds = Double(stream.duration) * 1e-6
    return [
      ("events", "\(stream.count)"), ("sensor", "\(stream.width)×\(stream.height)"),
      ("duration", String(format: "%.6f s", seconds)),
      ("rate", String(format: "%.0f events a second", Double(stream.count) / max(seconds, 1e-9))),
      ("brighter", "\(stream.polarity.count { $0 == 1 })"),
    ]
  }

  private static func facts(_ sound: Waveform) -> [(String, String)] {
    [
      ("samples", "\(sound.samples.count) at \(sound.sampleRate) Hz"),
      ("duration", String(format: "%.3f s", sound.duration)),
    ]
  }

  private static func facts(_ graph: NIRGraph) -> [(String, String)] {
    let nodes = graph.executionOrder.map { name -> (String, String) in
      let node = graph.nodes[name]!
      let targets = graph.targets(of: name).joined(separator: ", ")
      return (name, node.operation.typeName + (targets.isEmpty ? "" : " → \(targets)"))
    }
    return nodes + graph.recurrentEdges.map { ("recurrent", "\($0.source) → \($0.target)") }
  }

  /// Groups and datasets with their types and shapes; groups may contain themselves, so it goes only so deep.
  private static func tree(_ group: HDF5Group, depth: Int) throws -> [(String, String)] {
    guard depth < 6 else { return [(group.path, "…")] }
    return try group.names().flatMap { name -> [(String, String)] in
      switch try group.member(name) {
      case .group: return try tree(group.group(name), depth: depth + 1)
      case .dataset:
        let data = try group.dataset(name)
        return [(data.path, "\(data.element) \(data.shape)")]
      default:
        return [(group.path == "/" ? "/\(name)" : "\(group.path)/\(name)", "leads nowhere, or outside")]
      }
    }
  }
}
