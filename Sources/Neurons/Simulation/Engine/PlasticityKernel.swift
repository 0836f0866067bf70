/// The loops over plastic synapses, compiled for a rule and a precision.
public struct PlasticityKernel<Scalar: SimulationScalar>: Sendable {
  /// Presynaptic spikes of a partition that are at the synapse now.
  let deliver: @Sendable (PlasticSynapses<Scalar>, UnsafeBufferPointer<Int32>, Int, Int) -> Void
  /// Every postsynaptic spike up to a step, at every synapse of a partition.
  let settle: @Sendable (PlasticSynapses<Scalar>, Int, Int) -> Void

  init<Rule: PlasticityRule>(_ rule: Rule) {
    let row = PlasticRow<Rule, Scalar>(rule: rule, coincident: rule.coincidentSpikes)
    deliver = { row.deliver($0, $1, $2, $3) }
    settle = { row.settle($0, $1, $2) }
  }
}

extension PlasticityRule {
  public var singleKernel: PlasticityKernel<Float> { PlasticityKernel<Float>(self) }
  public var doubleKernel: PlasticityKernel<Double> { PlasticityKernel<Double>(self) }
}

private struct PlasticRow<Rule: PlasticityRule, Scalar: SimulationScalar>: Sendable {
  let rule: Rule
  let coincident: CoincidentSpikes

  @inline(__always)
  func deliver(
    _ synapses: PlasticSynapses<Scalar>, _ spikes: UnsafeBufferPointer<Int32>, _ partition: Int, _ now: Int
  ) {
    let part = synapses.parts[partition]
    let (table, buffer) = (synapses.table, synapses.buffer)
    let isAxonal = synapses.isAxonal
    for spike in spikes {
      let source = Int(spike)
      let (block, range) = table.row(source, partition)
      let last = Int(part.lastSteps[source])
      let before = synapses.presynaptic.decayed(part.traces[source], by: now - last)
      let efficacy = synapses.efficacies.isEmpty ? 1 : synapses.efficacies[partition].spike(source, now)
      for k in range {
        let delay = block.delays.map { Int($0[k]) } ?? table.delay
        let target = Int(block.targets[k])
        let weight = learn(synapses, part, block, k, source, last, before, isAxonal ? 0 : delay, now)
        buffer.slot(isAxonal ? now + 1 : now + delay)[target] += weight * (synapses.scale * efficacy)
      }
      part.lastSteps[source] = Int32(truncatingIfNeeded: now)
      part.traces[source] = synapses.presynaptic.raised(before)
    }
  }

  /// Brings a synapse up to a presynaptic spike now, and returns the weight that it transmits.
  @inline(__always)
  private func learn(
    _ synapses: PlasticSynapses<Scalar>, _ part: PlasticPart<Scalar>, _ block: SynapseBlock<Scalar>, _ k: Int,
    _ source: Int, _ last: Int, _ before: TraceValues<Scalar>, _ backward: Int, _ now: Int
  ) -> Scalar {
    let history = part.history
    let neuron = Int(block.targets[k]) - part.firstTarget
    let own = history.entries + neuron * history.capacity
    // What potentiates first sees this spike itself.
    let seen = coincident == .potentiate ? now - backward - 1 : now - backward
    let next = potentiate(synapses, part, block, k, source, last, backward, upTo: seen)
    var latest = next - 1
    if coincident == .ignored, latest >= 0, Int(own[latest].step) == now - backward { latest -= 1 }
    let behind = history.after(own, latest, at: now - backward)
    let weight = block.weights![k]
    change(
      synapses, part, block, k, now,
      rule.afterPresynapticSpike(weight, presynaptic: before, postsynaptic: behind) - weight,
      rule.afterPresynapticSpike(weight, presynaptic: before, postsynaptic: behind))
    return block.weights![k]
  }

  /// Applies the postsynaptic spikes that a synapse does not know of yet, up to those fired in the step `end`; returns the
  /// number of the first spike after it.
  @inline(__always)
  private func potentiate(
    _ synapses: PlasticSynapses<Scalar>, _ part: PlasticPart<Scalar>, _ block: SynapseBlock<Scalar>, _ k: Int,
    _ source: Int, _ last: Int, _ backward: Int, upTo end: Int
  ) -> Int {
    let history = part.history
    let neuron = Int(block.targets[k]) - part.firstTarget
    let own = history.entries + neuron * history.capacity
    let (count, pending) = (Int(history.counts[neuron]), Int(history.pending[neuron]))
    let first = last - backward + (coincident == .potentiate ? 0 : 1)
    var j = count
    while j > pending, Int(own[j - 1].step) >= first { j -= 1 }
    while j < count, Int(own[j].step) <= end {
      let moment = Int(own[j].step) + backward
      let ahead = synapses.presynaptic.decayed(part.traces[source], by: moment - last)
      let weight = block.weights![k]
      let after = rule.afterPostsynapticSpike(
        weight, presynaptic: ahead, postsynaptic: history.before(own, j))
      change(synapses, part, block, k, moment, after - weight, after)
      j += 1
    }
    return j
  }

  /// A change of a weight, or of its eligibility.
  @inline(__always)
  private func change(
    _ synapses: PlasticSynapses<Scalar>, _ part: PlasticPart<Scalar>, _ block: SynapseBlock<Scalar>, _ k: Int,
    _ moment: Int, _ difference: Scalar, _ after: Scalar
  ) {
    if let eligibility = synapses.eligibility {
      block.eligibilities![k] +=
        difference * Scalar(1 / eligibility.factor(moment - part.eligibilityStep))
    } else {
      block.weights![k] = after
    }
  }

  @inline(__always)
  func settle(_ synapses: PlasticSynapses<Scalar>, _ partition: Int, _ now: Int) {
    let part = synapses.parts[partition]
    let isAxonal = synapses.isAxonal
    synapses.table.forEachRow(partition) { source, block, range in
      let last = Int(part.lastSteps[source])
      for k in range {
        let backward = isAxonal ? 0 : block.delays.map { Int($0[k]) } ?? synapses.table.delay
        // Up to what all synapses can know, so that one mark serves all.
        _ = potentiate(
          synapses, part, block, k, source, last, backward, upTo: now - synapses.backward)
      }
    }
  }
}
