import Support
import Tensors

/// The synapses of at most sixteen outputs with all inputs, while they learn.
struct PlasticityTile<Rule: PlasticityRule> {
  private static var width: Int { PlasticityPass.width }
  private let pass: PlasticityPass
  private let rule: Rule
  private let range: Range<Int>
  private let inputs: Int
  /// `[in, 16]`.
  private let weights: Values
  let inputTraces, outputTraces: LazyTraces

  init(_ pass: PlasticityPass, _ rule: Rule, outputs range: Range<Int>) {
    (self.pass, self.rule, self.range, inputs) = (pass, rule, range, pass.inputs.neurons)
    weights = .allocate(capacity: inputs * Self.width)
    weights.initialize(
      repeating: Float(rule.bounds.lowerBound.isFinite ? rule.bounds.lowerBound : 0),
      count: inputs * Self.width)
    inputTraces = LazyTraces(pass.pre, start: pass.start.presynaptic, range: 0..<inputs)
    outputTraces = LazyTraces(pass.post, start: pass.start.postsynaptic, range: range)
  }

  func free() {
    weights.deallocate()
    inputTraces.free()
    outputTraces.free()
  }

  /// Reads rows of weights, `[16, in]`.
  func load(_ source: UnsafePointer<Float>) {
    for lane in 0..<range.count {
      for input in 0..<inputs { weights[input * Self.width + lane] = source[lane * inputs + input] }
    }
  }

  func store(to target: Values) {
    for lane in 0..<range.count {
      for input in 0..<inputs { target[lane * inputs + input] = weights[input * Self.width + lane] }
    }
  }

  func run() {
    let coincidence = rule.coincidentSpikes
    for time in 0..<pass.inputs.steps {
      for sequence in 0..<pass.inputs.batch {
        let row = time * pass.inputs.batch + sequence
        let before = pass.inputs.firing(row)
        let behind = pass.outputs.firing(row, in: range)
        switch coincidence {
        case .ignored:
          postsynapticSpikes(behind, sequence, time)
          presynapticSpikes(before, sequence, time)
          advanceOutputs(behind, sequence, time)
          advanceInputs(before, sequence, time)
        case .depress:
          postsynapticSpikes(behind, sequence, time)
          advanceOutputs(behind, sequence, time)
          presynapticSpikes(before, sequence, time)
          advanceInputs(before, sequence, time)
        case .potentiate:
          presynapticSpikes(before, sequence, time)
          advanceInputs(before, sequence, time)
          postsynapticSpikes(behind, sequence, time)
          advanceOutputs(behind, sequence, time)
        }
      }
    }
  }

  /// One output after another, all its synapses.
  @inline(__always)
  private func postsynapticSpikes(_ spikes: ArraySlice<Int32>, _ sequence: Int, _ time: Int) {
    guard !spikes.isEmpty else { return }
    inputTraces.look(sequence, at: time)
    let (first, second) = (inputTraces.firstNow, inputTraces.secondNow)
    for neuron in spikes {
      let lane = Int(neuron) - range.lowerBound
      let y = outputTraces.values(sequence, lane, at: time)
      for input in 0..<inputs {
        let place = input * Self.width + lane
        weights[place] = rule.afterPostsynapticSpike(
          weights[place], presynaptic: TraceValues(first[input], second[input]), postsynaptic: y)
      }
    }
  }

  /// One input after another, its synapses with these outputs.
  @inline(__always)
  private func presynapticSpikes(_ spikes: ArraySlice<Int32>, _ sequence: Int, _ time: Int) {
    guard !spikes.isEmpty else { return }
    outputTraces.look(sequence, at: time)
    let (first, second) = (outputTraces.firstNow, outputTraces.secondNow)
    for neuron in spikes {
      let x = inputTraces.values(sequence, Int(neuron), at: time)
      let line = weights + Int(neuron) * Self.width
      for lane in 0..<Self.width {
        line[lane] = rule.afterPresynapticSpike(
          line[lane], presynaptic: x, postsynaptic: TraceValues(first[lane], second[lane]))
      }
    }
  }

  @inline(__always)
  private func advanceInputs(_ spikes: ArraySlice<Int32>, _ sequence: Int, _ time: Int) {
    for neuron in spikes { inputTraces.spike(sequence, Int(neuron), at: time) }
  }

  @inline(__always)
  private func advanceOutputs(_ spikes: ArraySlice<Int32>, _ sequence: Int, _ time: Int) {
    for neuron in spikes { outputTraces.spike(sequence, Int(neuron) - range.lowerBound, at: time) }
  }
}
