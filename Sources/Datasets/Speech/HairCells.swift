import Foundation
import Support

/// Sixteen hair cells with their fibres and bushy cells, stepped together.
///
/// - Hair cell: Meddis's transmitter pools (Journal of the Acoustical Society of America 79, 702, 1986; 83,
///   1056, 1988): free transmitter q, cleft c and store w; permeability k = g (v+A)/(v+A+B); a fibre fires
///   with probability h c dt a step.
/// - Forty fibres a hair cell fire independently, each at most once in the refractory time. Since they are
///   alike, only their number matters: it is drawn from the binomial distribution of those that are ready.
/// - Bushy cell: a leaky integrator with exponential currents, which fires at threshold 1.
struct HairCells {
  typealias Lanes = SIMD16<Float>

  /// Those with which the Spiking Heidelberg Digits were made; rates are per second.
  struct Constants: Sendable {
    var replenishment: Float = 5.05
    var release: Float = 2000
    var loss: Float = 2500
    var reuptake: Float = 6580
    var reprocessing: Float = 66.3
    var offset: Float = 5
    var saturation: Float = 300
    var firing: Float = 50_000
    var fibres: Float = 40
    var membraneTime = 1e-3
    var synapticTime = 5e-4
    var refractoryTime = 1e-3
    /// Of all fibres together, per second.
    var weight: Float = 13_000
  }

  private let constants: Constants
  private let dt: Float
  /// Steps after a spike without another.
  let refractory: Int
  private let synapticDecay: Float
  private let membraneDecay: Float
  private var (free, cleft, store): (Lanes, Lanes, Lanes)
  private var ready: Lanes
  /// Fibres that fired in the last steps and are not ready; a ring of ``refractory`` elements.
  private let fired: UnsafeMutablePointer<Lanes>
  private var position = 0
  private var (current, potential) = (Lanes.zero, Lanes.zero)
  private var rest = Lanes.zero
  private var random: LaneGenerator

  /// How many elements ``init(_:sampleRate:history:using:)`` needs.
  static func historyCount(_ constants: Constants, sampleRate: Double) -> Int {
    max(1, Int((constants.refractoryTime * sampleRate).rounded(.up)))
  }

  /// Cells at rest.
  ///
  /// - Parameter history: Room for ``historyCount(_:sampleRate:)`` elements that outlives the cells.
  init(
    _ constants: Constants, sampleRate: Double, history: UnsafeMutablePointer<Lanes>,
    using generator: inout RandomGenerator
  ) {
    self.constants = constants
    dt = Float(1 / sampleRate)
    refractory = Self.historyCount(constants, sampleRate: sampleRate)
    synapticDecay = Float(exponential(-1 / (sampleRate * constants.synapticTime)))
    membraneDecay = Float(exponential(-1 / (sampleRate * constants.membraneTime)))
    // At rest, without sound.
    let c = constants
    let k = c.release * c.offset / (c.offset + c.saturation)
    let cleft = c.replenishment * k / (c.loss * k + c.replenishment * (c.loss + c.reuptake))
    self.cleft = Lanes(repeating: cleft)
    free = Lanes(repeating: cleft * (c.loss + c.reuptake) / k)
    store = Lanes(repeating: cleft * c.reuptake / c.reprocessing)
    ready = Lanes(repeating: c.fibres)
    fired = history
    fired.update(repeating: .zero, count: refractory)
    random = LaneGenerator(using: &generator)
  }

  /// One step with the membrane's velocities; the lanes of bushy cells that fire.
  @inline(__always)
  mutating func step(_ velocity: Lanes) -> SIMDMask<SIMD16<Int32>> {
    let probability = hairCells(velocity)
    // Fibres that fired a refractory time ago are ready again.
    ready += fired[position]
    let number = random.binomial(ready, probability)
    ready -= number
    fired[position] = number
    position = position + 1 == refractory ? 0 : position + 1
    return bushyCells(number)
  }

  @inline(__always)
  private mutating func hairCells(_ velocity: Lanes) -> Lanes {
    let c = constants
    let x = (velocity + c.offset).positivePart
    let eject = (c.release * dt) * x / (x + c.saturation) * free
    let replenish = (c.replenishment * dt) * (1 - free).positivePart
    let reprocess = (c.reprocessing * dt) * store
    let reuptake = (c.reuptake * dt) * cleft
    let lost = ((c.loss + c.reuptake) * dt) * cleft
    free = (free + replenish - eject + reprocess).positivePart
    cleft = (cleft + eject - lost).positivePart
    store = (store + reuptake - reprocess).positivePart
    let probability = (c.firing * dt) * cleft
    return probability.replacing(with: 0.98, where: probability .> 0.98)
  }

  @inline(__always)
  private mutating func bushyCells(_ input: Lanes) -> SIMDMask<SIMD16<Int32>> {
    current = current * synapticDecay + input
    let gain = constants.weight / constants.fibres * dt
    let isResting = rest .> 0
    potential = (potential * membraneDecay + current * gain).replacing(with: 0, where: isResting)
    rest = (rest - 1).positivePart
    let fires = potential .>= 1
    potential.replace(with: 0, where: fires)
    rest.replace(with: Float(refractory), where: fires)
    return fires
  }
}

extension SIMD16<Float> {
  /// Zero where negative. The library's `pointwiseMax` is no single instruction.
  @inline(__always)
  fileprivate var positivePart: Self { replacing(with: 0, where: self .< 0) }
}

/// exp, without Foundation's overloads on vectors.
private func exponential(_ x: Double) -> Double { Foundation.exp(x) }
