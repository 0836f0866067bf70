import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct RewiringTests {
  private func network(_ seed: UInt64 = 1) -> (connectivity: Connectivity, weights: [Float]) {
    var generator = RandomGenerator(seed: seed)
    let connectivity = Connectivity.fixedProbability(30, 40, 0.2, using: &generator)
    return (connectivity, (0..<connectivity.count).map { _ in Float(generator.normal()) })
  }

  @Test(arguments: [StructuralRewiring.Regrowth.anywhere, .sameSource, .sameTarget])
  func numbersOfSynapsesStay(_ regrowth: StructuralRewiring.Regrowth) {
    let (old, weights) = network()
    for pruning in [StructuralRewiring.Pruning.below(0.4), .weakest(0.3), .random(0.3)] {
      let rewiring = StructuralRewiring(pruning: pruning, regrowth: regrowth, initialWeight: 9)
      var generator = RandomGenerator(seed: 2)
      let new = rewiring.rewired(old, weights, using: &generator)
      #expect(new.connectivity.count == old.count && new.weights.count == old.count && new.pruned > 20)
      #expect(new.origin.count { $0 == nil } == new.pruned && new.weights.count { $0 == 9 } == new.pruned)
      if regrowth == .sameSource { #expect(new.connectivity.outDegrees == old.outDegrees) }
      if regrowth == .sameTarget { #expect(new.connectivity.inDegrees == old.inDegrees) }
      // What stayed is where it was, with its weight.
      let (before, after) = (old.source, new.connectivity.source)
      for (index, origin) in new.origin.enumerated() {
        guard let origin else { continue }
        #expect(new.weights[index] == weights[origin] && after[index] == before[origin])
        #expect(new.connectivity.target[index] == old.target[origin])
      }
      var again = RandomGenerator(seed: 2)
      #expect(rewiring.rewired(old, weights, using: &again).connectivity == new.connectivity)
    }
  }

  @Test func theRightSynapsesGo() {
    let (old, weights) = network()
    var generator = RandomGenerator(seed: 3)
    let below = StructuralRewiring(pruning: .below(0.5)).rewired(old, weights, using: &generator)
    let kept = Set(below.origin.compactMap { $0 })
    for synapse in weights.indices { #expect(kept.contains(synapse) == (abs(weights[synapse]) >= 0.5)) }
    let weakest = StructuralRewiring(pruning: .weakest(0.25)).rewired(old, weights, using: &generator)
    let limit = weights.map(abs).sorted()[Int((Double(weights.count) * 0.25).rounded())]
    #expect(weakest.pruned == Int((Double(weights.count) * 0.25).rounded()))
    #expect(weakest.origin.allSatisfy { $0 == nil || abs(weights[$0!]) >= limit })
    let none = StructuralRewiring(pruning: .below(0)).rewired(old, weights, using: &generator)
    #expect(none.connectivity == old && none.weights == weights && none.pruned == 0)
  }

  /// Every free place is as likely as any other.
  @Test func synapsesGrowEverywhere() {
    let old = Connectivity(targets: 4, reached: [[1, 2], [0], [], [0, 1, 2]])
    var counts: [[Int]] = Array(repeating: Array(repeating: 0, count: 4), count: 4)
    var generator = RandomGenerator(seed: 4)
    let rewiring = StructuralRewiring(pruning: .below(0.5), toSelf: false)
    let trials = 6000
    for _ in 0..<trials {
      // One synapse goes, from 1 to 0.
      let new = rewiring.rewired(old, [1, 1, 0, 1, 1, 1] as [Double], using: &generator).connectivity
      for source in 0..<4 { for target in new[source] { counts[source][target] += 1 } }
    }
    for source in 0..<4 {
      for target in 0..<4 {
        let taken = old[source].contains(target) && !(source == 1 && target == 0)
        let expected = source == target ? 0 : taken ? 1 : 1.0 / 7
        let share = Double(counts[source][target]) / Double(trials)
        #expect(abs(share - expected) < 0.02, "\(source) \(target) \(share)")
      }
    }
  }

  /// Full rows have no other place: what goes comes back.
  @Test func fullNetworksStayFull() {
    let full = Connectivity.all(5, 6)
    var generator = RandomGenerator(seed: 5)
    let rewiring = StructuralRewiring(pruning: .random(0.5), initialWeight: 2)
    let new = rewiring.rewired(full, [Float](repeating: 1, count: 30), using: &generator)
    #expect(new.connectivity == full && new.weights.count { $0 == 2 } == new.pruned && new.pruned > 5)
  }

  @Test func masksRewireAsConnectivityDoes() {
    let (old, weights) = network()
    let mask = old.mask
    #expect(Connectivity(mask: mask) == old)
    var dense = [Float](repeating: 0, count: 30 * 40)
    let sources = old.source
    for synapse in weights.indices {
      dense[Int(old.target[synapse]) * 30 + Int(sources[synapse])] = weights[synapse]
    }
    let rewiring = StructuralRewiring(pruning: .weakest(0.2), initialWeight: 0.5)
    var (a, b) = (RandomGenerator(seed: 6), RandomGenerator(seed: 6))
    let sparse = rewiring.rewired(old, weights, using: &a)
    let tensors = rewiring.rewired(mask: mask, weight: Tensor(dense, shape: [40, 30]), using: &b)
    #expect(tensors.mask.floats == sparse.connectivity.mask.floats)
    #expect(tensors.weight.abs().sum().item.isFinite)
    #expect(abs(tensors.weight.sum().item - Double(sparse.weights.reduce(0, +))) < 1e-3)
    #expect((tensors.weight * (1 - tensors.mask)).abs().max().item == 0)
  }

  // DEEP R.

  @Test func deepRewiringKeepsItsNumberAndSigns() {
    var generator = RandomGenerator(seed: 7)
    var rewiring = DeepRewiring(20, 30, density: 0.1, shrinkage: 0.05, temperature: 1e-3, using: &generator)
    let signs = rewiring.signs
    #expect(rewiring.activeCount == 60)
    var gone = 0
    for _ in 0..<50 {
      let gradient = Tensor.normal([20, 30], using: &generator)
      gone += rewiring.step(gradient, learningRate: 0.05, using: &generator)
      #expect(rewiring.mask.sum().item == 60)
      #expect((rewiring.weight * signs).min().item >= 0)
      #expect((rewiring.weight * (1 - rewiring.mask)).abs().max().item == 0)
    }
    #expect(gone > 60)
  }

  /// Without noise and with synapses that stay, a step is gradient descent with shrinkage on the active weights.
  @Test func deepRewiringDescends() {
    var generator = RandomGenerator(seed: 8)
    var rewiring = DeepRewiring(6, 7, density: 0.5, shrinkage: 0.01, scale: 100, using: &generator)
    let (before, mask) = (rewiring.weight, rewiring.mask)
    let gradient = Tensor.normal([6, 7], using: &generator)
    let gone = rewiring.step(gradient, learningRate: 0.1, using: &generator)
    let expected = before - (gradient + rewiring.signs * 0.01) * mask * 0.1
    if gone == 0 { #expect((rewiring.weight - expected).abs().max().item < 1e-5) }
    #expect(gone == 0)
  }

  /// With few synapses a linear map of few inputs is found: those synapses end up where the teacher has them.
  @Test func deepRewiringFindsASparseTeacher() {
    var generator = RandomGenerator(seed: 9)
    var truth = [Float](repeating: 0, count: 40)
    for place in generator.subset(4, of: 40) { truth[place] = generator.uniform() < 0.5 ? -1 : 1 }
    let teacher = Tensor(truth, shape: [1, 40])
    let x = Tensor.normal([400, 40], using: &generator)
    let y = x.matmul(teacher.transposed())
    var rewiring = DeepRewiring(1, 40, density: 0.3, shrinkage: 0.02, temperature: 1e-4, using: &generator)
    func loss(_ weight: Tensor) -> Tensor { (x.matmul(weight.transposed()) - y).square().mean() }
    let start = loss(rewiring.weight).item
    // A synapse whose sign is wrong cannot stand for the teacher's; only those of the right sign are found.
    for _ in 0..<3000 {
      let weight = rewiring.weight.requiringGradient()
      rewiring.step(loss(weight).gradients(to: [weight])[0], learningRate: 0.02, using: &generator)
    }
    let reachable = (teacher * rewiring.signs .> 0).to(.float32)
    let found = (rewiring.weight.abs() .> 0.5).to(.float32)
    #expect(reachable.sum().item >= 1 && start > 1)
    #expect((found - reachable).abs().sum().item == 0, "\(found.floats) \(reachable.floats)")
  }
}
