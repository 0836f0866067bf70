import Models
import Recordings
import Support
import Tensors

/// Adds zeros to the activity at sites, so that gradients with respect to the activity can be asked for.
private final class GradientProbe: Instrument {
  let sites: SitePattern
  private(set) var passed: [String: (activity: Tensor, zeros: Tensor)] = [:]

  init(_ sites: SitePattern) { self.sites = sites }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let zeros = Tensor.zeros(activity.shape, activity.elementType, on: activity.device).requiringGradient()
    passed[site] = (activity.detached(), zeros)
    return activity + zeros
  }
}

/// What the activity at a site contributes to a scalar, to first order: gradient times activity, per neuron and position.
///
/// It is the change that silencing a neuron would make, if the scalar were linear in it. Sites that the computation does not pass, or
/// passes twice, are not for this.
///
/// - Parameters:
///   - sites: `blocks.*.mlp`, say.
///   - scalar: Computes the number to be explained; of a batch, the sum over its texts gives each text its own contributions.
/// - Returns: The value, and gradient × activity by site in the shape of the activity.
public func gradientTimesActivity(at sites: SitePattern, of scalar: () throws -> Tensor) rethrows
  -> (value: Double, contributions: [String: Tensor])
{
  let probe = GradientProbe(sites)
  let value = try withInstruments(probe) { try withGradients { try scalar() } }
  let names = probe.passed.keys.sorted()
  let gradients = value.gradients(to: names.map { probe.passed[$0]!.zeros })
  let contributions = zip(names, gradients).map { name, gradient in
    (name, (gradient * probe.passed[name]!.activity).detached())
  }
  return (value.detached().item, Dictionary(uniqueKeysWithValues: contributions))
}

extension ContinuationScorer {
  /// How much each feed-forward neuron contributes to the log probabilities of continuations, by gradient times activity summed over
  /// positions and averaged over clozes: `L · N` numbers in nats, block after block.
  ///
  /// - Parameter first: The position from which on activity counts. 1 leaves out the first one, where a few neurons are so strong
  ///   that they would come before all that have to do with the text.
  public func attributions(
    _ clozes: [Cloze], at site: String = "mlp", from first: Int = 1,
    afterBatch: (Int) throws -> Void = { _ in }
  ) rethrows -> [Double] {
    precondition(!clozes.isEmpty, "no clozes to attribute")
    let shape = decoder.configuration
    var sums = [Double](repeating: 0, count: shape.blocks * shape.neurons)
    var done = 0
    for batch in Decoder.groups(clozes.map(\.readCount), tokens: tokensPerBatch) {
      let found = gradientTimesActivity(at: SitePattern("blocks.*.\(site)")) {
        let chosen = batch.map { clozes[$0] }
        let targets = Tensor(chosen.flatMap(\.continuation))
        return -predictions(of: chosen).crossEntropy(targets, reduction: .sum)
      }
      for block in 0..<shape.blocks {
        guard let contribution = found.contributions["blocks.\(block).\(site)"] else { continue }
        // Padding has no influence, so that its gradient is 0.
        guard contribution.size(1) > first else { continue }
        let neurons = contribution.narrowed(1, from: first, to: contribution.size(1)).sum(axes: [0, 1])
          .doubles
        for (neuron, value) in neurons.enumerated() { sums[block * shape.neurons + neuron] += value }
      }
      done += batch.count
      try afterBatch(done)
    }
    return sums.map { $0 / Double(clozes.count) }
  }
}
