import Foundation
import Support
import Tensors

extension ContinualTrainer {
  /// Writes all that is needed to learn further tasks later: weights, subspaces, replayed samples, accuracies.
  ///
  /// - Throws: `CajalError` naming the path.
  public func save(to url: URL) throws {
    var all: NamedTensors = network.state.map { ("network.\($0.name)", $0.tensor) }
    for (index, layer) in protectedLayers.enumerated() {
      all += (layer.subspace?.state ?? []).map { ("subspace.\(index).\($0.name)", $0.tensor.contiguous()) }
    }
    all += memory.state.map { ("memory.\($0.name)", $0.tensor) }
    for (index, row) in outcome.accuracies.enumerated() { all.append(("accuracies.\(index)", Tensor(row))) }
    let heads = network.heads.map { "\($0.weight.value.size(0))" }.joined(separator: ",")
    try Safetensors.write(all, metadata: ["seed": "\(seed)", "heads": heads], to: url)
  }

  /// Takes up what ``save(to:)`` has written into a trainer made with the same network, settings and seed; nothing may have
  /// been learnt by it yet.
  ///
  /// - Throws: `CajalError` naming the file and what does not fit; this trainer is of no use then.
  public func load(from url: URL) throws {
    precondition(learned == 0, "\(learned) tasks have been learnt already")
    let file = try Safetensors(url)
    guard let heads = file.metadata["heads"], file.metadata["seed"] == "\(seed)" else {
      throw CajalError(
        "\(url.path) is no record of this training: its seed is \(file.metadata["seed"] ?? "missing"), expected \(seed)"
      )
    }
    func part(_ prefix: String) -> NamedTensors {
      file.tensors.filter { $0.name.hasPrefix(prefix) }.map {
        (String($0.name.dropFirst(prefix.count)), $0.tensor.cloned())
      }
    }
    do {
      try makeHeads(heads)
      try network.load(part("network."))
      for (index, layer) in protectedLayers.enumerated() {
        try layer.subspace?.load(part("subspace.\(index)."))
      }
      memory = try ReplayMemory(part("memory."))
    } catch { throw CajalError("\(url.path): \(error)") }
    let rows = part("accuracies.").compactMap { entry in Int(entry.name).map { ($0, entry.tensor.doubles) } }
    outcome.accuracies = rows.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private func makeHeads(_ classes: String) throws {
    var unused = RandomGenerator(seed: 0)
    for text in classes.split(separator: ",") {
      guard let count = Int(text), count > 0 else { throw CajalError("'\(text)' is no number of classes") }
      network.addHead(classes: count, using: &unused)
    }
    if settings.sharesHead, let head = network.heads.first {
      head.subspace = settings.protection.subspace(layer: network.stages.count, inputs: head.inputs)
    }
  }

  private var protectedLayers: [ProjectedLayer] {
    network.stages.map(\.layer) + (settings.sharesHead ? Array(network.heads.prefix(1)) : [])
  }
}
