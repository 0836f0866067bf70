import Decomposition
import Foundation
import Recordings
import Support
import Tensors
import Testing

@Suite struct FactorTests {
  private func recording(_ rows: [[Double]]) throws -> Recording {
    try Recording(activity: Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]))
  }

  /// Two factors of eight neurons, each with noise of its own.
  private func planted(_ samples: Int) -> (rows: [[Double]], loadings: [[Double]]) {
    var generator = RandomGenerator(seed: 3)
    let loadings = (0..<8).map { _ in [generator.normal(), generator.normal()] }
    let rows = (0..<samples).map { _ -> [Double] in
      let factors = [generator.normal(), generator.normal()]
      return loadings.indices.map {
        5 + loadings[$0][0] * factors[0] + loadings[$0][1] * factors[1] + (0.2 + 0.1 * Double($0))
          * generator.normal()
      }
    }
    return (rows, loadings)
  }

  @Test func componentsOfALine() throws {
    let line = try recording((0..<50).map { [3 * Double($0), -4 * Double($0), 1] })
    let components = try PrincipalComponents(line, count: 2)
    #expect(zip(components.directions[0].doubles, [-0.6, 0.8, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(abs(components.shares[0] - 1) < 1e-12)
    #expect(abs(components.scores(line)[10, 0].item - components.scores(line)[11, 0].item - 5) < 1e-9)
    #expect(throws: CajalError.self) { try PrincipalComponents(line, count: 4) }
  }

  @Test func factorsAreWhatNeuronsShare() throws {
    let (rows, loadings) = planted(20_000)
    let analysis = try FactorAnalysis(recording(rows), factors: 2)
    #expect(zip(analysis.logLikelihoods, analysis.logLikelihoods.dropFirst()).allSatisfy { $1 > $0 - 1e-9 })
    // Loadings are known up to a rotation, their products wholly.
    let products = analysis.loadings.matmul(analysis.loadings.transposed(0, 1)).doubles
    for i in 0..<8 {
      for j in 0..<8 where i != j {
        #expect(
          abs(products[i * 8 + j] - (loadings[i][0] * loadings[j][0] + loadings[i][1] * loadings[j][1])) < 0.1
        )
      }
      #expect(abs(analysis.noise.doubles[i].squareRoot() - (0.2 + 0.1 * Double(i))) < 0.05)
    }
    #expect(try analysis.factors(recording(rows)).shape == [20_000, 2])
  }

  @Test func smoothTrajectoriesAreFound() throws {
    var generator = RandomGenerator(seed: 11)
    let (trials, t, n) = (12, 40, 10)
    let loadings = (0..<n).map { _ in generator.normal() }
    var (values, truth) = ([Double](), [Double]())
    for _ in 0..<trials {
      let (phase, speed) = (6 * generator.uniform(), 0.8 + 0.4 * generator.uniform())
      for time in 0..<t {
        let latent = sin(phase + speed * Double(time) * 0.2)
        truth.append(latent)
        values += loadings.map { $0 * latent + 0.8 * generator.normal() }
      }
    }
    let whole = try Recording(
      activity: Tensor(values, shape: [trials * t, n]), time: TimeAxis(rate: 10, count: trials * t))
    let cut = try whole.aligned(to: (0..<trials).map { Double($0 * t) / 10 }, from: 0, to: Double(t) / 10)
    #expect(cut.trialCount == trials)
    let model = try GaussianProcessFactors(cut, factors: 1, timeScale: 0.2, iterations: 30)
    #expect(
      zip(model.logLikelihoods, model.logLikelihoods.dropFirst()).allSatisfy { $1 > $0 - 1e-6 * abs($0) })
    let found = model.trajectories(cut).doubles
    let smooth = correlation(found, truth)
    let plain = correlation(try FactorAnalysis(whole, factors: 1).factors(whole).doubles, truth)
    #expect(abs(smooth) > 0.97 && abs(smooth) > abs(plain) && model.timeScales[0] > 0.3)
  }

  private func correlation(_ x: [Double], _ y: [Double]) -> Double {
    let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let xx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    return xy / (xx * y.reduce(0) { $0 + ($1 - my) * ($1 - my) }).squareRoot()
  }
}
