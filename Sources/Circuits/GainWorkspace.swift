import Statistics
import Support

/// The memory and the loops behind ``GainObjective``: steady states, cost and its gradient by the adjoint, all in place.
///
/// Not for several threads at once; each makes its own.
final class GainWorkspace {
  private typealias Pointer = UnsafeMutablePointer<Double>

  let neurons: Int
  let stimuli: Int
  private let isOutput: Bool
  private let memory: Pointer
  /// `[N, N]`: the weights, those of the other direction, the decoder, the factors of `I - W diag(g)`.
  private let weights, incoming, decoder, factors: Pointer
  /// `[N, S]`: drive, state before the output's gain, responses, error, their gradient, adjoint, `Wᵀ` adjoint.
  private let drive, state, response, error, slope, adjoint, back: Pointer
  private let pivots: UnsafeMutablePointer<Int>

  init(_ network: GainNetwork, _ drive: ResponseMatrix, decoder given: [Double]? = nil) {
    (neurons, stimuli, isOutput) = (network.neurons, drive.stimuli, network.variant == .output)
    let (square, wide) = (neurons * neurons, neurons * drive.stimuli)
    memory = Pointer.allocate(capacity: 4 * square + 7 * wide)
    memory.initialize(repeating: 0, count: 4 * square + 7 * wide)
    pivots = UnsafeMutablePointer<Int>.allocate(capacity: neurons)
    pivots.initialize(repeating: 0, count: neurons)
    (weights, incoming) = (memory, memory + square)
    (decoder, factors) = (memory + 2 * square, memory + 3 * square)
    let rest = memory + 4 * square
    (self.drive, state, response) = (rest, rest + wide, rest + 2 * wide)
    (error, slope) = (rest + 3 * wide, rest + 4 * wide)
    (adjoint, back) = (rest + 5 * wide, rest + 6 * wide)
    for (k, value) in drive.values.enumerated() { self.drive[k] = value }
    setWeights(network.weights)
    if let given { for (k, value) in given.enumerated() { decoder[k] = value } }
  }

  deinit {
    memory.deallocate()
    pivots.deallocate()
  }

  /// `[N · S]`
  var responses: [Double] { Array(UnsafeBufferPointer(start: response, count: neurons * stimuli)) }

  func setWeights(_ values: [Double]) {
    for i in 0..<neurons {
      for j in 0..<neurons {
        weights[i * neurons + j] = values[i * neurons + j]
        incoming[j * neurons + i] = values[i * neurons + j]
      }
    }
  }

  /// Sets the drive `[N · S]`.
  func setDrive(_ values: [Double]) { for k in values.indices { drive[k] = values[k] } }

  /// Sets where ``relax(_:step:steps:)`` starts `[N · S]`.
  func setState(_ values: [Double]) { for k in values.indices { state[k] = values[k] } }

  /// Solves for the steady state; whether there is one solution.
  func settle(_ gains: [Double]) -> Bool {
    for i in 0..<neurons {
      for j in 0..<neurons {
        factors[i * neurons + j] = (i == j ? 1 : 0) - weights[i * neurons + j] * gains[j]
      }
    }
    guard SmallMatrix.factorLU(factors, neurons, pivots) else { return false }
    state.update(from: drive, count: neurons * stimuli)
    SmallMatrix.solveLU(factors, neurons, pivots, state, stimuli)
    respond(gains)
    return true
  }

  private func respond(_ gains: [Double]) {
    for i in 0..<neurons {
      let gain = isOutput ? gains[i] : 1
      for s in 0..<stimuli { response[i * stimuli + s] = gain * state[i * stimuli + s] }
    }
  }

  /// Steps of Euler's method for a single stimulus from the present state.
  func relax(_ gains: [Double], step: Double, steps: Int) {
    precondition(stimuli == 1, "relaxation of \(stimuli) stimuli at once")
    for _ in 0..<steps {
      for i in 0..<neurons {
        back[i] = gains[i] * state[i]
        error[i] = drive[i] - state[i]
      }
      SmallMatrix.addRows(error, neurons, incoming, neurons, back)
      for i in 0..<neurons { state[i] += step * error[i] }
    }
    respond(gains)
  }

  /// The same for the adjoint: `λ ← λ + h (-λ + γ + g ∘ Wᵀ λ)`.
  private func relaxAdjoint(_ gains: [Double], step: Double, steps: Int) {
    for i in 0..<neurons { adjoint[i] = 0 }
    for _ in 0..<steps {
      multiplyBack()
      for i in 0..<neurons {
        let source = isOutput ? gains[i] * slope[i] : slope[i]
        adjoint[i] += step * (source - adjoint[i] + gains[i] * back[i])
      }
    }
  }

  private func multiplyBack() {
    back.update(repeating: 0, count: neurons * stimuli)
    SmallMatrix.addProduct(
      back, neurons, stimuli, weights, neurons, adjoint, row: 1, column: neurons)
  }

  /// Error and activity of the present responses under these probabilities `[S]`.
  func cost(_ probabilities: [Double]) -> (error: Double, activity: Double) {
    error.update(from: drive, count: neurons * stimuli)
    SmallMatrix.addProduct(
      error, neurons, stimuli, decoder, neurons, response, row: neurons, column: 1, sign: -1)
    var (wrong, active) = (0.0, 0.0)
    for i in 0..<neurons {
      for s in 0..<stimuli {
        let (e, r) = (error[i * stimuli + s], response[i * stimuli + s])
        wrong += probabilities[s] * e * e
        active += probabilities[s] * r * r
      }
    }
    return (wrong, active)
  }

  /// The gradient by gains, behind ``cost(_:)`` of the same state; `relaxed` says that the state came by Euler's method and the adjoint
  /// should, too.
  func gradient(
    _ gains: [Double], _ probabilities: [Double], activityPrice: Double,
    relaxed: (step: Double, steps: Int)? = nil, into gradient: inout [Double]
  ) {
    let wide = neurons * stimuli
    slope.update(repeating: 0, count: wide)
    SmallMatrix.addProduct(
      slope, neurons, stimuli, decoder, neurons, error, row: 1, column: neurons, sign: -2)
    for i in 0..<neurons {
      for s in 0..<stimuli {
        let k = i * stimuli + s
        slope[k] = (slope[k] + 2 * activityPrice * response[k]) * probabilities[s]
        adjoint[k] = isOutput ? gains[i] * slope[k] : slope[k]
      }
    }
    if let relaxed {
      relaxAdjoint(gains, step: relaxed.step, steps: relaxed.steps)
    } else {
      SmallMatrix.solveTransposedLU(factors, neurons, pivots, adjoint, stimuli)
    }
    multiplyBack()
    for i in 0..<neurons {
      var sum = 0.0
      for k in i * stimuli..<(i + 1) * stimuli { sum += (back[k] + (isOutput ? slope[k] : 0)) * state[k] }
      gradient[i] = sum
    }
  }

  /// The gradient by weights `[N · N]`, behind ``gradient(_:_:activityPrice:relaxed:into:)``.
  func weightGradient(_ gains: [Double], into gradient: inout [Double]) {
    for i in 0..<neurons {
      for j in 0..<neurons {
        var sum = 0.0
        for s in 0..<stimuli { sum += adjoint[i * stimuli + s] * state[j * stimuli + s] }
        gradient[i * neurons + j] = sum * gains[j]
      }
    }
  }
}
