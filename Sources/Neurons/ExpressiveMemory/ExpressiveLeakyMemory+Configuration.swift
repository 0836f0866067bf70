import Foundation
import Support

extension ExpressiveLeakyMemory {
  /// How memory is written.
  public enum Version: Int, Sendable, CaseIterable {
    /// By `λ (1 - κ)`, as in the networks that the authors published. With time constants near the step it overshoots λ-fold.
    case first = 1
    /// By `1 - κ^λ`, which stays below 1: for steps that are long beside the shortest time constant.
    case second
  }

  /// What the neuron is made of. Times are in one unit, milliseconds usually.
  public struct Configuration: Sendable, Equatable {
    public var inputs: Int
    public var outputs: Int
    /// d.
    public var memoryUnits: Int
    public var version = Version.first
    /// J.
    public var branches: Int
    /// S.
    public var synapsesPerBranch: Int
    public var routing = SynapticRouting.Kind.none
    /// H; twice the memory units if nil.
    public var hiddenSize: Int?
    /// Hidden layers of the integration network; 0 for one linear map.
    public var hiddenLayers = 1
    public var activation = IntegrationActivation.relu
    /// How strongly memory is written.
    public var lambda = 5.0
    public var timeStep = 1.0
    public var synapticTimeConstant = 5.0
    /// Between which memory's time constants lie.
    public var memoryTimeConstants = 1.0...1000.0
    public var learnsTimeConstants = false
    /// Whether synaptic weights are the positive part of what is trained.
    public var rectifiesWeights = true

    /// A neuron with one synapse for each input: branches of one synapse.
    public init(inputs: Int, outputs: Int, memoryUnits: Int) {
      (self.inputs, self.outputs, self.memoryUnits) = (inputs, outputs, memoryUnits)
      (branches, synapsesPerBranch) = (inputs, 1)
    }

    /// The neuron that was fitted to a cortical pyramidal cell: 1278 inputs on 45 branches of 100 synapses, time constants of 1 to 150 ms.
    public static func neuronIO(memoryUnits: Int) -> Configuration {
      var configuration = Configuration(inputs: 1278, outputs: 2, memoryUnits: memoryUnits)
      (configuration.branches, configuration.synapsesPerBranch) = (45, 100)
      configuration.routing = .windows
      configuration.memoryTimeConstants = 1...150
      return configuration
    }

    /// H.
    public var integrationSize: Int { hiddenSize ?? 2 * memoryUnits }

    /// N.
    public var synapses: Int { branches * synapsesPerBranch }

    /// How many numbers are trained: `N + (J+d)H + H + … + Hd + d + n·d + n`, and d more where time constants are.
    public var parameterCount: Int {
      let sizes = layerSizes
      let maps = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
      return synapses + maps + (memoryUnits + 1) * outputs + (learnsTimeConstants ? memoryUnits : 0)
    }

    /// Sizes of the integration network from its input to its output.
    var layerSizes: [Int] {
      [branches + memoryUnits] + [Int](repeating: integrationSize, count: hiddenLayers) + [memoryUnits]
    }

    /// - Throws: `CajalError` naming what is wrong.
    func check() throws {
      guard inputs > 0, outputs > 0, memoryUnits > 0, integrationSize > 0, hiddenLayers >= 0 else {
        throw CajalError(
          "\(inputs) inputs, \(memoryUnits) memory units, \(hiddenLayers) hidden layers of \(integrationSize) and \(outputs) outputs: all must be positive"
        )
      }
      guard timeStep > 0, synapticTimeConstant > 0, lambda > 0, memoryTimeConstants.lowerBound >= 0,
        memoryTimeConstants.lowerBound < memoryTimeConstants.upperBound
      else {
        throw CajalError(
          "time step \(timeStep), synaptic time constant \(synapticTimeConstant), lambda \(lambda), memory \(memoryTimeConstants): all must be positive, and the range of time constants not empty"
        )
      }
    }

    /// The logits at which memory's time constants start: spread evenly over the logarithm of their range, ends pulled in by 1e-6.
    ///
    /// A single unit has the shortest time constant. Computed in single precision, as the authors' are.
    var initialLogits: [Float] {
      let (low, high) = (Float(memoryTimeConstants.lowerBound), Float(memoryTimeConstants.upperBound))
      let (first, last) = (log10(Double(low + 1e-6)), log10(Double(high) - 1e-6))
      return (0..<memoryUnits).map { unit in
        let share = memoryUnits == 1 ? 0 : Double(unit) / Double(memoryUnits - 1)
        let wanted = Float(pow(10, first + (last - first) * share))
        let tau = min(max(wanted, (low + 1e-6)), min(high - 1e-6, high.nextDown))
        return logf((tau - low) / (high - tau))
      }
    }
  }
}
