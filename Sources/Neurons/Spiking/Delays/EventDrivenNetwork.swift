import Support
import Tensors

/// A ``DelayedNetwork`` with whole delays as a machine of events: every synapse is a queue, and spikes travel alone.
///
/// What hardware with delay lines does; in double precision. It shows that the convolution that trains the network is
/// nothing but delays.
public struct EventDrivenNetwork: Sendable {

  private struct Population: Sendable {
    /// By input neuron.
    let synapses: [[(target: Int, delay: Int, weight: Double)]]
    let size, length: Int
    /// What normalisation does to a current; nothing for the readout.
    let gain, shift: [Double]
    let keep: Double
  }

  private let populations: [Population]

  /// What a run leaves: spikes of each hidden layer, `[time][neurons that fired]`, and the readout's membranes `[time][class]`.
  public struct Run: Sendable {
    public var spikes: [[[Int]]]
    public var membranes: [[Double]]
    /// How many synaptic events there were.
    public var events: Int
  }

  /// - Precondition: The network's delays are whole (``DelayedNetwork/fixDelays()``), its time constants not learned.
  public init(_ network: DelayedNetwork) {
    precondition(network.neurons.isEmpty, "learned time constants are not simulated")
    populations = network.projections.indices.map { layer in
      let projection = network.projections[layer]
      precondition(
        projection.kernel == .triangular && projection.width == 0, "delays must be whole: call fixDelays()")
      let (outputs, inputs, taps) = (
        projection.weight.value.size(0), projection.weight.value.size(1), projection.weight.value.size(2)
      )
      let weights = projection.effectiveWeight.detached().to(.float64).doubles
      let delays = projection.delays.integers
      let synapses = (0..<inputs).map { j in
        (0..<outputs).flatMap { i in
          (0..<taps).compactMap { k -> (target: Int, delay: Int, weight: Double)? in
            let place = (i * inputs + j) * taps + k
            // The one tap, as the normalised kernel has it.
            let weight = weights[place] / (1 + DelayKernel.guardedSum)
            return weight == 0 ? nil : (i, delays[place], weight)
          }
        }
      }
      let (gain, shift) = layer < network.norms.count ? Self.affine(network.norms[layer]) : ([], [])
      return Population(
        synapses: synapses, size: outputs, length: projection.length, gain: gain, shift: shift,
        keep: 1 - 1 / network.configuration.timeConstant)
    }
  }

  private static func affine(_ norm: BatchNorm) -> ([Double], [Double]) {
    func values(_ tensor: Tensor) -> [Double] { tensor.detached().to(.float64).doubles }
    let (mean, variance) = (values(norm.runningMean.value), values(norm.runningVariance.value))
    let gain = zip(values(norm.weight.value), variance).map { $0 / ($1 + norm.epsilon).squareRoot() }
    return (gain, zip(values(norm.bias.value), zip(mean, gain)).map { $0 - $1.0 * $1.1 })
  }

  /// Runs one sample, given as the neurons that fire at each step.
  public func run(_ input: [[Int]]) -> Run {
    var run = Run(spikes: [], membranes: [], events: 0)
    var arriving = input
    for (layer, population) in populations.enumerated() {
      let isReadout = layer == populations.count - 1
      let steps = arriving.count + (population.length - 1) / 2
      // What arrives at each step, put there by the queues.
      var current = [[Double]](repeating: [Double](repeating: 0, count: population.size), count: steps)
      for (time, active) in arriving.enumerated() {
        for neuron in active {
          for synapse in population.synapses[neuron] where time + synapse.delay < steps {
            current[time + synapse.delay][synapse.target] += synapse.weight
            run.events += 1
          }
        }
      }
      var membrane = [Double](repeating: 0, count: population.size)
      var fired = [[Int]](repeating: [], count: steps)
      for time in 0..<steps {
        for i in 0..<population.size {
          let drive =
            isReadout ? current[time][i] : current[time][i] * population.gain[i] + population.shift[i]
          membrane[i] = population.keep * membrane[i] + drive
          if !isReadout, membrane[i] >= 1 {
            fired[time].append(i)
            membrane[i] = 0
          }
        }
        if isReadout { run.membranes.append(membrane) }
      }
      if !isReadout { run.spikes.append(fired) }
      arriving = fired
    }
    return run
  }
}
