import Support

/// Which input each synapse of a neuron listens to.
///
/// Synapses lie branch after branch: synapse k of branch j stands at `j · S + k`. A place that no input belongs to is not valid: its
/// synapse stays silent, whatever its weight.
public struct SynapticRouting: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// One synapse for each input, in order.
    case none
    /// Every synapse takes an input at random, with replacement.
    case random
    /// Windows that overlap along the inputs, excitatory and inhibitory ones interlaced.
    case windows
  }

  public let inputs, branches, synapsesPerBranch: Int
  /// The input of every synapse.
  public let indices: [Int]
  public let isValid: [Bool]

  public var count: Int { indices.count }

  /// - Throws: `CajalError` when there are not J · S indices, or one is not below `inputs`.
  public init(inputs: Int, branches: Int, synapsesPerBranch: Int, indices: [Int], isValid: [Bool]? = nil)
    throws
  {
    let isValid = isValid ?? [Bool](repeating: true, count: indices.count)
    guard indices.count == branches * synapsesPerBranch, isValid.count == indices.count else {
      throw CajalError(
        "\(indices.count) synapses with \(isValid.count) marks, expected \(branches) branches of \(synapsesPerBranch)"
      )
    }
    if let wrong = indices.first(where: { !(0..<inputs).contains($0) }) {
      throw CajalError("a synapse listens to input \(wrong), expected 0..<\(inputs)")
    }
    (self.inputs, self.branches, self.synapsesPerBranch) = (inputs, branches, synapsesPerBranch)
    (self.indices, self.isValid) = (indices, isValid)
  }

  /// - Parameter generator: Used by ``Kind/random`` alone.
  /// - Throws: `CajalError` that says which numbers of branches and synapses the kind takes.
  public init(
    _ kind: Kind, inputs: Int, branches: Int, synapsesPerBranch: Int, using generator: inout RandomGenerator
  ) throws {
    guard inputs > 0, branches > 0, synapsesPerBranch > 0 else {
      throw CajalError(
        "\(inputs) inputs, \(branches) branches and \(synapsesPerBranch) synapses on each: all must be positive"
      )
    }
    let count = branches * synapsesPerBranch
    var indices: [Int]
    var isValid = [Bool](repeating: true, count: count)
    switch kind {
    case .none:
      guard count == inputs else {
        throw CajalError(
          "without routing there is a synapse for each of the \(inputs) inputs, not \(branches) branches of \(synapsesPerBranch)"
        )
      }
      indices = Array(0..<count)
    case .random: indices = (0..<count).map { _ in generator.integer(below: inputs) }
    case .windows:
      let stride = (inputs + branches - 1) / branches
      guard stride <= synapsesPerBranch else {
        throw CajalError(
          "\(branches) windows of \(synapsesPerBranch) do not cover \(inputs) inputs; at least \(stride) synapses a branch are needed"
        )
      }
      let order = Self.interlaced(inputs)
      indices = []
      for branch in 0..<branches {
        for synapse in 0..<synapsesPerBranch {
          let place = branch * stride + synapse
          isValid[indices.count] = place < inputs
          indices.append(order[min(place, inputs - 1)])
        }
      }
    }
    try self.init(
      inputs: inputs, branches: branches, synapsesPerBranch: synapsesPerBranch, indices: indices,
      isValid: isValid)
  }

  /// The order in which halves of the inputs alternate: the first excitatory, the first inhibitory, the second excitatory, …
  public static func interlaced(_ inputs: Int) -> [Int] {
    (0..<inputs).map { $0 / 2 + $0 % 2 * (inputs / 2) }
  }
}

/// The synapses of every input, for kernels: where events go.
final class SynapticFan: @unchecked Sendable {
  let inputs, branches: Int
  /// Where the synapses of each input begin; N + 1 numbers.
  let first: UnsafeMutablePointer<Int32>
  /// Synapse and branch of each, by input.
  let synapses, targets: UnsafeMutablePointer<Int32>
  /// How many valid synapses there are.
  let count: Int

  init(_ routing: SynapticRouting) {
    (inputs, branches) = (routing.inputs, routing.branches)
    var ofInput = [[Int32]](repeating: [], count: routing.inputs)
    for (synapse, input) in routing.indices.enumerated() where routing.isValid[synapse] {
      ofInput[input].append(Int32(synapse))
    }
    count = routing.isValid.count { $0 }
    first = .allocate(capacity: inputs + 1)
    synapses = .allocate(capacity: max(count, 1))
    targets = .allocate(capacity: max(count, 1))
    var place = 0
    for input in 0..<inputs {
      first[input] = Int32(place)
      for synapse in ofInput[input] {
        synapses[place] = synapse
        targets[place] = synapse / Int32(routing.synapsesPerBranch)
        place += 1
      }
    }
    first[inputs] = Int32(place)
  }

  deinit {
    first.deallocate()
    synapses.deallocate()
    targets.deallocate()
  }
}
