import Foundation
import Support

/// The constants of many Izhikevich neurons, a number each: `dv/dt = 0.04 v² + 5 v + 140 - u + I`, `du/dt = a (b v - u)`; at
/// 30 mV `v = c`, `u = u + d` (Izhikevich, 2003).
public struct IzhikevichPopulation: Sendable, Equatable {
  public var a, b, c, d: [Double]
  public var count: Int { a.count }

  public init(a: [Double], b: [Double], c: [Double], d: [Double]) {
    precondition(
      !a.isEmpty && [b, c, d].allSatisfy { $0.count == a.count },
      "constants of \(a.count), \(b.count), \(c.count) and \(d.count) neurons")
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  /// Excitatory neurons first, from regular spiking (r = 0) to chattering (r = 1), then inhibitory ones, from low-threshold
  /// (r = 0) to fast spiking (r = 1): the mixture of Izhikevich (2003).
  ///
  /// - Parameters:
  ///   - variation: r of every neuron, 0...1.
  ///   - excitatory: How many of them are excitatory.
  public init(variation: [Double], excitatory: Int) {
    precondition((0...variation.count).contains(excitatory), "\(excitatory) of \(variation.count) excitatory")
    let isExcitatory = variation.indices.map { $0 < excitatory }
    func each(_ exciting: (Double) -> Double, _ inhibiting: (Double) -> Double) -> [Double] {
      zip(variation, isExcitatory).map { $1 ? exciting($0) : inhibiting($0) }
    }
    self.init(
      a: each({ _ in 0.02 }, { 0.02 + 0.08 * $0 }), b: each({ _ in 0.2 }, { 0.25 - 0.05 * $0 }),
      c: each({ -65 + 15 * $0 * $0 }, { _ in -65 }), d: each({ 8 - 6 * $0 * $0 }, { _ in 2 }))
  }
}
