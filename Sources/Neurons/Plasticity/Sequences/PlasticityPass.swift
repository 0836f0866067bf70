import Foundation
import Support
import Tensors

/// One walk over sequences for all synapses. Outputs are taken sixteen at a time: their weights lie side by side for
/// each input, so that a presynaptic spike changes one vector and a postsynaptic one a column.
struct PlasticityPass: Sendable {
  static let width = Lanes.width
  let inputs, outputs: SpikeRows
  /// `[out, in]`, changed in place.
  let weight: Tensor
  let start: SequenceTraces
  let pre, post: DecayTables

  init(
    _ inputs: SpikeRows, _ outputs: SpikeRows, weight: Tensor, from start: SequenceTraces,
    rule: some PlasticityRule, step: Double
  ) {
    (self.inputs, self.outputs, self.weight, self.start) = (inputs, outputs, weight, start)
    pre = DecayTables(rule.presynaptic, steps: inputs.steps, step: step)
    post = DecayTables(rule.postsynaptic, steps: inputs.steps, step: step)
  }

  func run<Rule: PlasticityRule>(_ rule: Rule) -> SequenceTraces {
    let (n, m) = (inputs.neurons, outputs.neurons)
    let end = Tensor.zeros(start.presynaptic.shape)
    let outputEnd = Tensor.zeros(start.postsynaptic.shape)
    let (w, x, y) = (
      SendableAddress(elements(weight)), SendableAddress(elements(end)), SendableAddress(elements(outputEnd))
    )
    withExtendedLifetime((weight, end, outputEnd)) {
      parallelFor((m + Self.width - 1) / Self.width) { tile in
        let range = tile * Self.width..<min((tile + 1) * Self.width, m)
        let kernel = PlasticityTile(self, rule, outputs: range)
        kernel.load(w.pointer! + range.lowerBound * n)
        kernel.run()
        kernel.store(to: w.pointer! + range.lowerBound * n)
        kernel.outputTraces.store(to: y.pointer!, count: m, at: range)
        if tile == 0 { kernel.inputTraces.store(to: x.pointer!, count: n, at: 0..<n) }
        kernel.free()
      }
    }
    return SequenceTraces(end, outputEnd)
  }
}

/// What is left of the traces of one side after 0, 1, … steps.
struct DecayTables: Sendable {
  let first, second: [Float]
  let count: Int
  let pairing: (first: PlasticityTrace.Pairing, second: PlasticityTrace.Pairing)

  init(_ traces: [PlasticityTrace], steps: Int, step: Double) {
    func table(_ index: Int) -> [Float] {
      guard index < traces.count else { return [Float](repeating: 0, count: steps + 1) }
      return (0...steps).map { Float(exp(-Double($0) * step / traces[index].timeConstant)) }
    }
    (first, second, count) = (table(0), table(1), traces.count)
    pairing = (traces.first?.pairing ?? .all, traces.last?.pairing ?? .all)
  }
}

/// The traces of some neurons in all sequences of a batch, each as it was at the neuron's last spike.
struct LazyTraces {
  let neurons, batch: Int
  private let tables: DecayTables
  /// `[B, N]` each.
  private let first, second: Values
  private let last: UnsafeMutablePointer<Int32>
  /// The traces of one sequence at some moment, `[N]` each.
  let firstNow, secondNow: Values

  /// - Parameters:
  ///   - start: `[2, B, count]`; the neurons' range is taken from it.
  init(_ tables: DecayTables, start: Tensor, range: Range<Int>) {
    let (batch, count) = (start.size(1), start.size(2))
    (neurons, self.batch, self.tables) = (range.count, batch, tables)
    let room = PlasticityPass.width * ((range.count + PlasticityPass.width - 1) / PlasticityPass.width)
    first = .allocate(capacity: range.count * batch)
    second = .allocate(capacity: range.count * batch)
    last = .allocate(capacity: range.count * batch)
    // Just after the step before the first.
    last.initialize(repeating: -1, count: range.count * batch)
    (firstNow, secondNow) = (.allocate(capacity: room), .allocate(capacity: room))
    firstNow.initialize(repeating: 0, count: room)
    secondNow.initialize(repeating: 0, count: room)
    withExtendedLifetime(start) {
      let source = elements(start)
      for b in 0..<batch {
        (first + b * range.count).update(from: source + b * count + range.lowerBound, count: range.count)
        (second + b * range.count)
          .update(from: source + (batch + b) * count + range.lowerBound, count: range.count)
      }
    }
  }

  func free() {
    for pointer in [first, second, firstNow, secondNow] { pointer.deallocate() }
    last.deallocate()
  }

  /// The traces of one neuron at a step.
  @inline(__always)
  func values(_ sequence: Int, _ neuron: Int, at time: Int) -> TraceValues<Float> {
    let place = sequence * neurons + neuron
    let gap = time - Int(last[place])
    return TraceValues(
      first[place] * tables.first[gap], tables.count > 1 ? second[place] * tables.second[gap] : 0)
  }

  /// Writes those of all neurons into `firstNow` and `secondNow`.
  @inline(__always)
  func look(_ sequence: Int, at time: Int) {
    guard tables.count > 0 else { return }
    for neuron in 0..<neurons {
      let now = values(sequence, neuron, at: time)
      (firstNow[neuron], secondNow[neuron]) = (now.first, now.second)
    }
  }

  @inline(__always)
  func spike(_ sequence: Int, _ neuron: Int, at time: Int) {
    let place = sequence * neurons + neuron
    let now = values(sequence, neuron, at: time)
    first[place] = tables.pairing.first == .all ? now.first + 1 : 1
    second[place] = tables.pairing.second == .all ? now.second + 1 : 1
    last[place] = Int32(time)
  }

  /// Writes the traces after the last step to `[2, B, count]`.
  func store(to target: Values, count: Int, at range: Range<Int>) {
    let time = tables.first.count - 2
    for b in 0..<batch {
      for neuron in 0..<neurons {
        let now = values(b, neuron, at: time)
        let place = b * count + range.lowerBound + neuron
        target[place] = tables.count > 0 ? now.first : 0
        target[batch * count + place] = now.second
      }
    }
  }
}
