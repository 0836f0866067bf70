import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct ConnectivityTests {
  @Test func degreesAreAsAsked() {
    var g = RandomGenerator(seed: 1)
    let out = Connectivity.fixedOutDegree(50, 80, 7, using: &g)
    #expect(out.outDegrees.allSatisfy { $0 == 7 } && out.inDegrees.reduce(0, +) == 350)
    let inward = Connectivity.fixedInDegree(50, 80, 7, using: &g)
    #expect(inward.inDegrees.allSatisfy { $0 == 7 } && inward.count == 560)
    let alone = Connectivity.fixedOutDegree(30, 30, 29, toSelf: false, using: &g)
    #expect((0..<30).allSatisfy { !alone[$0].contains($0) && alone[$0].count == 29 })
    #expect(out.transposed.transposed == out && out.transposed.inDegrees == out.outDegrees)
    #expect(Connectivity.oneToOne(4).mask.doubles == Tensor.eye(4).doubles)
    #expect(Connectivity.all(3, 3, toSelf: false).count == 6)
  }

  @Test func probabilitiesComeOutAsAsked() {
    var g = RandomGenerator(seed: 2)
    let c = Connectivity.fixedProbability(400, 500, 0.05, using: &g)
    // 10,000 expected, standard deviation 97.
    #expect(abs(Double(c.count) - 10_000) < 500)
    let columns = c.inDegrees
    #expect(abs(Spread(columns.map(Double.init)).deviation - (400 * 0.05 * 0.95).squareRoot()) < 0.5)
    #expect(Connectivity.fixedProbability(5, 6, 1, using: &g).count == 30)
    #expect(Connectivity.fixedProbability(5, 6, 0, using: &g).count == 0)
    var (a, b) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
    #expect(
      Connectivity.fixedProbability(40, 40, 0.2, using: &a) == .fixedProbability(40, 40, 0.2, using: &b))
  }

  @Test func neighboursAreNearer() {
    var g = RandomGenerator(seed: 3)
    let places = (0..<400).map { [Double($0 % 20), Double($0 / 20)] }
    let c = Connectivity.distanceDependent(places, period: 20, using: &g) { exp(-$0 * $0 / 8) }
    var lengths: [Double] = []
    for s in 0..<400 {
      for t in c[s] {
        let gaps = zip(places[s], places[t]).map { min(abs($0 - $1), 20 - abs($0 - $1)) }
        lengths.append((gaps[0] * gaps[0] + gaps[1] * gaps[1]).squareRoot())
      }
    }
    // On a plane r exp(-r²/8) has the mean √(2π); the grid is near that.
    #expect(abs(Spread(lengths).mean - (2 * Double.pi).squareRoot()) < 0.15)
    // On a torus no corner is poorer.
    let corner = Double(c[0].count)
    let middle = Double(c[210].count)
    #expect(abs(corner - middle) < 15)
  }

  /// Rewiring shortens paths long before it destroys clustering.
  @Test func smallWorldsAreSmallAndClustered() {
    func clustering(_ c: Connectivity) -> Double {
      let sets = (0..<c.sources).map { Set(c[$0]) }
      let values = sets.map { around -> Double in
        let pairs = around.reduce(0) { $0 + sets[$1].intersection(around).count }
        return Double(pairs) / Double(around.count * (around.count - 1))
      }
      return Spread(values).mean
    }
    func reach(_ c: Connectivity, _ steps: Int) -> Int {
      var seen: Set = [0]
      for _ in 0..<steps { for s in seen { seen.formUnion(c[s]) } }
      return seen.count
    }
    func world(_ rewiring: Double) -> Connectivity {
      var g = RandomGenerator(seed: 4)
      return .smallWorld(300, neighbours: 10, rewiring: rewiring, using: &g)
    }
    let (ring, small, random) = (world(0), world(0.05), world(1))
    #expect([ring, small, random].allSatisfy { $0.outDegrees.allSatisfy { $0 == 10 } })
    #expect(abs(clustering(ring) - 2.0 / 3) < 1e-9)
    #expect(clustering(small) > 0.5 && clustering(random) < 0.1)
    #expect(reach(ring, 4) == 41 && reach(small, 4) > 100)
  }

  @Test func clustersAreDenseWithin() {
    var g = RandomGenerator(seed: 5)
    let c = Connectivity.clustered(200, clusters: 4, within: 0.4, between: 0.05, using: &g)
    let within = (0..<200).reduce(0) { sum, s in sum + c[s].count { $0 / 50 == s / 50 } }
    #expect(abs(Double(within) / (200 * 49) - 0.4) < 0.03)
    #expect(abs(Double(c.count - within) / (200 * 150) - 0.05) < 0.01)
  }

  /// Sparse synapses are a masked matrix: values and gradients.
  @Test func sparseProjectionsEqualTheirMatrix() {
    var g = RandomGenerator(seed: 6)
    let c = Connectivity.fixedProbability(30, 20, 0.3, using: &g)
    let projection = SparseProjection(c, using: &g)
    #expect((projection.dense .!= 0).to(.float32).doubles == c.mask.doubles)
    let x = (Tensor.uniform([9, 4, 30], in: 0...1, using: &g) .< 0.2).to(.float32)
    let weights = Tensor.normal([9, 4, 20], using: &g)
    let ways = [{ projection($0) }, { $0.linear(projection.dense) }].map {
      (run: (Tensor) -> Tensor) -> [Tensor] in
      let leaf = x.cloned().requiringGradient()
      projection.zeroGradients()
      let y = run(leaf)
      (y * weights).sum().backward()
      return [y.detached(), leaf.gradient!, projection.weight.gradient!]
    }
    for (a, b) in zip(ways[0], ways[1]) { #expect(a.isClose(to: b, relative: 1e-4, absolute: 1e-5)) }
  }

  @Test func daleKeepsSigns() {
    var g = RandomGenerator(seed: 7)
    let dale = DalesPrinciple(10, excitatory: 0.8)
    let layer = DenseProjection(10, 5, dale: dale, using: &g)
    let x = (Tensor.uniform([20, 3, 10], in: 0...1, using: &g) .< 0.1).to(.float32)
    let optimiser = SGD(layer, learningRate: 5)
    for _ in 0..<10 {
      layer.zeroGradients()
      layer(x).square().sum().backward()
      optimiser.step()
      for (column, sign) in dale.signs.enumerated() {
        #expect(layer.effectiveWeight[.all, column].doubles.allSatisfy { $0 * sign >= 0 })
      }
    }
  }

  @Test func everyStepFoldsTime() {
    var g = RandomGenerator(seed: 8)
    let layer = Convolution(2, 3, kernel: [3, 3], .init(padding: 1), using: &g)
    let x = Tensor.normal([4, 2, 2, 5, 5], using: &g)
    let y = EveryStep(layer)(x)
    #expect(y.shape == [4, 2, 3, 5, 5])
    #expect(y[2].isClose(to: layer(x[2]), relative: 1e-5, absolute: 1e-5))
    #expect(OneToOneProjection(5, weight: 0.5)(x).doubles == (x * 0.5).doubles)
  }
}
