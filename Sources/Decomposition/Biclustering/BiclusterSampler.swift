import Foundation
import Statistics
import Support

/// One chain of the Gibbs sampler of a ``BiclusterModel``: its memory, and the order of a sweep's steps.
///
/// Every sweep draws from a generator of its own, made of the chain's seed and the sweep's number, so that a chain that
/// goes on from a file draws what it would have drawn anyway.
final class BiclusterSampler {
  typealias Pointer = UnsafeMutablePointer<Double>

  let table: CountTable
  let model: BiclusterModel
  let settings: BiclusterSettings
  let root: RandomGenerator
  let maximumClusters: Int

  // The state.
  var sweep = 0
  var labels: [Int]
  var clusters: Int
  let baselines: LaneBuffer
  let loadings: LaneBuffer
  let dispersions: LaneBuffer
  /// `[maximumClusters + 1][q][stride]`, the last block for a group that is proposed.
  let trajectories: LaneBuffer
  var dynamics: SwitchingDynamics
  var sticky: StickyStates
  var states: [Int32]

  // Working memory.
  let filter = SwitchingFilter()
  let dynamicsSampler = DynamicsSampler()
  var lanes: LaneGenerator
  var observationRows = LaneBuffer(8)
  var normals = LaneBuffer(8)
  let whitened: LaneBuffer
  let ones: LaneBuffer
  let predictor: LaneBuffer
  let meanBuffer: LaneBuffer
  let regression: LaplaceRegression
  let conditional: LoadingConditional
  let logCoefficients: [Double]
  /// The square roots of the counts, smoothed and standardised: what splits of groups start from.
  let smoothedRows: [[Double]]

  init(_ spikes: SpikeCounts, _ model: BiclusterModel, _ settings: BiclusterSettings, _ root: RandomGenerator)
    throws
  {
    try settings.check(spikes.neurons, model)
    guard settings.startStates.map({ $0.count == spikes.bins }) ?? true else {
      throw CajalError("\(settings.startStates!.count) states to start with for \(spikes.bins) bins")
    }
    self.model = model
    self.settings = settings
    self.root = root
    table = CountTable(spikes)
    smoothedRows = spikes.smoothedRoots(width: 3).map { $0.standardised }
    let (n, p, q) = (spikes.neurons, model.factors, model.blockSize)
    var start = root.split(-1)
    labels = PosteriorPartition.renamed(Self.startLabels(spikes, settings.start, &start))
    clusters = labels.max()! + 1
    maximumClusters = min(n, max(clusters, model.maximumClusters ?? max(1, n / 2)))
    baselines = LaneBuffer(n)
    loadings = LaneBuffer(n * p)
    dispersions = LaneBuffer(n)
    trajectories = LaneBuffer((maximumClusters + 1) * q * table.stride + 8)
    whitened = LaneBuffer((maximumClusters + 1) * p * table.stride + 8)
    ones = LaneBuffer(table.stride)
    predictor = LaneBuffer(table.stride)
    meanBuffer = LaneBuffer(table.stride)
    regression = LaplaceRegression(settings.integratesBaseline ? q : p)
    conditional = LoadingConditional(
      variances: [model.baselineVariance] + [Double](repeating: model.loadingVariance, count: p))
    dynamics =
      settings.startDynamics
      ?? SwitchingDynamics(randomWalk: clusters * q, states: model.states, variance: model.innovationScale)
    sticky = StickyStates(
      count: model.states, alpha: model.transitionConcentration, gamma: model.stateConcentration,
      kappa: model.stickiness)
    states = [Int32](repeating: 0, count: table.bins)
    if let given = settings.startStates { for bin in states.indices { states[bin] = Int32(given[bin]) } }
    guard dynamics.size == clusters * q, dynamics.states == model.states else {
      throw CajalError("dynamics to start with of \(dynamics.size) numbers; \(clusters * q) were expected")
    }
    logCoefficients = model.clusterPrior.logCoefficients(n, most: maximumClusters + 1)
    lanes = LaneGenerator(&start)
    for bin in 0..<table.stride { ones.pointer[bin] = 1 }
    for neuron in 0..<n {
      let mean = (table.totals[neuron] + 0.5) / (table.observed[neuron] + 0.5)
      baselines.pointer[neuron] = log(mean)
      dispersions.pointer[neuron] = model.likelihood == .poisson ? BiclusterModel.poissonDispersion : 5
      for j in 0..<p { loadings.pointer[neuron * p + j] = 0.5 * start.normal() }
    }
    let places = regression.count
    if settings.integratesBaseline { regression.variances[places - 1] = model.baselineVariance }
    for j in 0..<p { regression.variances[j] = model.loadingVariance }
  }

  private static func startLabels(
    _ spikes: SpikeCounts, _ start: BiclusterSettings.Start, _ generator: inout RandomGenerator
  ) -> [Int] {
    switch start {
    case .together: return [Int](repeating: 0, count: spikes.neurons)
    case .random(let count): return (0..<spikes.neurons).map { _ in generator.integer(below: count) }
    case .labels(let labels): return labels
    case .kMeans(let count):
      let rows = spikes.smoothedRoots(width: 3).map { $0.standardised }
      return KMeans.fit(rows, count: count, using: &generator).labels
    }
  }

  /// The trajectory of a group, `[q][stride]`.
  @inline(__always) func trajectory(_ cluster: Int) -> Pointer {
    trajectories.pointer + cluster * model.blockSize * table.stride
  }

  @inline(__always) func loading(_ neuron: Int) -> Pointer { loadings.pointer + neuron * model.factors }

  /// One sweep: steps 1 to 6 of the method.
  func runSweep() {
    var generator = root.split(sweep)
    lanes = LaneGenerator(&generator)
    let steps = settings.steps
    if steps.contains(.trajectories) {
      if drawsStates {
        moveChangesAndDrawTrajectories(&generator)
      } else {
        drawTrajectories(Array(0..<clusters), dynamics, statesInto)
      }
    }
    updateStates(&generator)
    if steps.contains(.loadings) { for neuron in labels.indices { drawLoading(neuron) } }
    if steps.contains(.dispersions), model.likelihood == .negativeBinomial { drawDispersions(&generator) }
    if steps.contains(.constraint) { constrain() }
    if steps.contains(.labels) {
      drawLabels(&generator)
      if isSearching { searchClusters(&generator) }
    }
    sweep += 1
  }

  /// Whether merges and splits are tried in this sweep.
  private var isSearching: Bool {
    settings.searchInterval > 0 && sweep < settings.burnIn && sweep % settings.searchInterval == 9
  }

  /// The state whose dynamics lead into each bin.
  var statesInto: [Int32] { [states[0]] + states.dropLast() }

  /// The state as values.
  func snapshot() -> BiclusterState {
    let (n, p, q) = (table.neurons, model.factors, model.blockSize)
    return BiclusterState(
      sweep: sweep, labels: labels, baselines: (0..<n).map { baselines.pointer[$0] },
      loadings: (0..<n * p).map { loadings.pointer[$0] },
      dispersions: (0..<n).map { dispersions.pointer[$0] },
      trajectories: (0..<clusters * q).flatMap { row in
        (0..<table.bins).map { trajectories.pointer[row * table.stride + $0] }
      }, dynamics: dynamics, sticky: sticky, states: states)
  }

  /// Goes on from `state`.
  ///
  /// - Throws: `CajalError` when it is not of this chain's model and data.
  func restore(_ state: BiclusterState) throws {
    let (n, p, q, count) = (table.neurons, model.factors, model.blockSize, state.clusters)
    guard state.labels.count == n, state.baselines.count == n, state.dispersions.count == n,
      state.loadings.count == n * p, state.states.count == table.bins,
      state.trajectories.count == count * q * table.bins, state.dynamics.size == count * q,
      state.dynamics.states == model.states, (1...maximumClusters).contains(count),
      Set(state.labels) == Set(0..<count), state.states.allSatisfy({ (0..<Int32(model.states)).contains($0) })
    else { throw CajalError("the state of a chain is not one of this model on these counts") }
    sweep = state.sweep
    (labels, clusters, dynamics, sticky) = (state.labels, count, state.dynamics, state.sticky)
    states = state.states
    for index in 0..<n {
      baselines.pointer[index] = state.baselines[index]
      dispersions.pointer[index] = state.dispersions[index]
    }
    for index in 0..<n * p { loadings.pointer[index] = state.loadings[index] }
    for row in 0..<count * q {
      for bin in 0..<table.bins {
        trajectories.pointer[row * table.stride + bin] = state.trajectories[row * table.bins + bin]
      }
    }
  }
}
