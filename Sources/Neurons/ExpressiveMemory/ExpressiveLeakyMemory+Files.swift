import Foundation
import Support
import Tensors

extension ExpressiveLeakyMemory {
  /// Takes weights under the authors' names; buffers may be missing, since they follow from the configuration.
  ///
  /// - Throws: `CajalError` naming a parameter that is missing or has another shape, or an unknown entry; nothing is changed then.
  public func load(authors tensors: NamedTensors) throws {
    let known = Set(state.map(\.name) + ["tau_s", "tau_b"])
    if let strange = tensors.first(where: { !known.contains($0.name) }) {
      throw CajalError("weights of an expressive leaky memory neuron: unknown entry '\(strange.name)'")
    }
    let given = Set(tensors.map(\.name))
    if let missing = parameters.first(where: { !given.contains($0.name) }) {
      throw CajalError("weights of an expressive leaky memory neuron: '\(missing.name)' is missing")
    }
    let before = (synapseInputs.value.cloned(), synapseMask.value.cloned())
    try load(tensors, strict: false)
    do {
      _ = try SynapticRouting(
        inputs: configuration.inputs, branches: configuration.branches,
        synapsesPerBranch: configuration.synapsesPerBranch, indices: synapseInputs.value.integers)
    } catch {
      synapseInputs.value.assign(before.0)
      synapseMask.value.assign(before.1)
      throw error
    }
  }

  /// Reads weights in JSON: an object of `{"shape": […], "data": […]}` by the authors' names.
  ///
  /// - Throws: `CajalError` naming the file and the entry.
  public func load(json url: URL) throws {
    struct Entry: Decodable {
      let shape: [Int]
      let data: [Float]
    }
    guard let bytes = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let entries: [String: Entry]
    do { entries = try JSONDecoder().decode([String: Entry].self, from: bytes) } catch {
      throw CajalError("\(url.path) is no JSON object of weights with 'shape' and 'data'")
    }
    let tensors: NamedTensors = try entries.sorted { $0.key < $1.key }.map { name, entry in
      guard entry.shape.allSatisfy({ $0 >= 0 }), entry.shape.reduce(1, *) == entry.data.count else {
        throw CajalError(
          "\(url.path): '\(name)' has shape \(entry.shape) but \(entry.data.count) numbers")
      }
      return (name, Tensor(entry.data, shape: entry.shape))
    }
    do { try load(authors: tensors) } catch { throw CajalError("\(url.path): \(error)") }
  }
}
