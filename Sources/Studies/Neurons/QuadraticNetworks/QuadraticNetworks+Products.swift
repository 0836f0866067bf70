import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Claim 5: tasks that need products of inputs, with one hidden layer.
  struct Products {
    let options: QuadraticNetworks.Options
    let lab: Lab

    /// A network of one hidden layer.
    private struct Candidate: Sendable {
      var label: String
      var neurons: Int
      /// Nil for ReLU neurons.
      var gamma: Double?
    }

    /// Mean squared error, or accuracy, on the points for choosing and for the test.
    private struct Score: Sendable {
      var validation: Double
      var test: Double
    }

    private struct Result {
      var candidate: Candidate
      var parameters: Int
      var scores: [Score]
      var test: Spread { Spread(scores.map(\.test)) }
      var validation: Spread { Spread(scores.map(\.validation)) }
    }

    private var candidates: [Candidate] {
      [4, 12, 64].map { Candidate(label: "ReLU, \($0) neurons", neurons: $0) }
        + options.productGammas.map {
          Candidate(label: "quadratic, 4 neurons, γ = \($0)", neurons: 4, gamma: $0)
        }
    }

    func run() throws {
      var table = Table(
        name: "product-tasks",
        caption:
          "One hidden layer: mean squared error of the products, accuracy of rings and spirals, on test points.",
        columns: ["task", "network", "parameters", "chosen by", "test", "deviation over seeds"])
      var generator = lab.generator("points")
      let products = PointTask.products(using: &generator)
      let (results, best) = try compare(products, into: &table)
      lab.add(claim(results, best))
      for task in [PointTask.rings(using: &generator), .spirals(using: &generator)] {
        let (_, best) = try compare(task, into: &table)
        try lab.add(regions(task, best.candidate))
      }
      try lab.add(table)
      try lab.add(figure(results))
      for neuron in SingleNeuron.allCases { try lab.add(curve(neuron)) }
    }

    private func compare(_ task: PointTask, into table: inout Table) throws -> (all: [Result], best: Result) {
      let candidates = candidates
      let scores = try lab.trials(task.name, settings: candidates.count, seeds: options.productSeeds) {
        index, _, generator, check in
        let network = try trained(candidates[index], task, using: &generator, check)
        return Score(validation: score(network, task, task.validation), test: score(network, task, task.test))
      }
      let results = zip(candidates, scores).map { candidate, scores in
        Result(candidate: candidate, parameters: parameters(candidate, task), scores: scores)
      }
      // Errors are least, accuracies greatest, at the best strength; a network that collapsed is worst.
      let sign = task.classes == nil ? -1.0 : 1
      let best = results.filter { $0.candidate.gamma != nil }.max {
        sortable(sign * $0.validation.mean) < sortable(sign * $1.validation.mean)
      }!
      for result in results {
        table.append([
          .text(task.name), .text(result.candidate.label), .integer(result.parameters),
          result.candidate.label == best.candidate.label ? "validation points" : .missing,
          .number(result.test.mean), .number(result.test.deviation),
        ])
        let name = result.candidate.gamma.map { "quadratic.gamma\($0)" } ?? "relu\(result.candidate.neurons)"
        lab.measure("products.\(task.name).\(name)", result.test.mean)
      }
      return (results, best)
    }

    private func sortable(_ value: Double) -> Double { value.isNaN ? -.infinity : value }

    private func network(_ candidate: Candidate, _ task: PointTask, using generator: inout RandomGenerator)
      -> DenseNetwork
    {
      DenseNetwork(
        [task.dimensions, candidate.neurons, task.classes ?? 1],
        candidate.gamma == nil ? .conventional() : .quadratic(), using: &generator)
    }

    private func parameters(_ candidate: Candidate, _ task: PointTask) -> Int {
      var unused = RandomGenerator(seed: 0)
      return network(candidate, task, using: &unused).parameterCount
    }

    private func trained(
      _ candidate: Candidate, _ task: PointTask, using generator: inout RandomGenerator,
      _ check: () throws -> Void
    ) throws -> DenseNetwork {
      let network = network(candidate, task, using: &generator)
      var training = SupervisedTraining(policy: .shrinkGradients(candidate.gamma ?? 1), learningRate: 0.05)
      training.batch = 50
      training.epochs = options.productEpochs
      training.schedule = .milestones([options.productEpochs * 3 / 4], by: 0.1)
      _ = try training.fit(
        network, task.train.inputs, task.train.targets, using: &generator, afterEpoch: { _ in try check() },
        loss: { task.classes == nil ? $0.meanSquaredError($1) : $0.crossEntropy($1) })
      return network
    }

    private func score(_ network: DenseNetwork, _ task: PointTask, _ part: PointTask.Part) -> Double {
      task.classes == nil
        ? network.outputs(for: part.inputs).meanSquaredError(part.targets).item
        : network.accuracy(part.inputs, part.targets)
    }

    private func claim(_ results: [Result], _ best: Result) -> Claim {
      let equal = results.first { $0.candidate.neurons == 12 }!
      let ratio = best.test.mean / equal.test.mean
      let listed = results.map {
        "\($0.candidate.label) (\($0.parameters) parameters) \(scientific($0.test))"
      }
      let holds = ratio <= 0.1
      return Claim(
        "5", "Where the target is made of products, few quadratic neurons do what many ReLU neurons cannot.",
        paper:
          "One quadratic neuron realises exclusive or and conic boundaries; quadratic networks are piecewise polynomial.",
        test:
          "Regression of x1·x2 + x3² - x4·x5 from 2,000 points, one hidden layer, \(options.productEpochs) epochs, \(options.productSeeds) seeds; γ chosen on validation points.",
        criterion:
          "the quadratic network of 4 neurons has at most a tenth of the test error of the ReLU network of 12 neurons, which has about as many parameters",
        measured:
          "mean squared error: \(listed.joined(separator: "; ")); chosen γ = \(best.candidate.gamma!), ratio to 12 ReLU neurons \(String(format: "%.4f", ratio)).",
        holds: holds,
        reason: holds ? nil : "the error is \(String(format: "%.2f", ratio)) of the ReLU network's")
    }

    private func scientific(_ spread: Spread) -> String {
      String(format: "%.2e ± %.1e", spread.mean, spread.deviation)
    }

    // Figures.

    private func figure(_ results: [Result]) -> Plot {
      let places = results.indices.map { Double(results.count - $0) }
      let finite = zip(places, results).filter { $0.1.test.mean.isFinite }
      var plot = Plot(
        name: "products", title: "Products of inputs: four quadratic neurons against ReLU neurons",
        caption:
          "Mean squared error on test points of x1·x2 + x3² - x4·x5 for networks of one hidden layer; one point a seed, and the mean.",
        x: .init("mean squared error", scale: .log),
        y: .init(
          "", range: 0.5...(Double(results.count) + 0.5),
          ticks: zip(places, results).map { ($0, $1.candidate.label) }))
      let points = finite.flatMap { place, result in result.scores.map { ($0.test, place) } }
      plot.add(.points, "seeds", x: points.map(\.0), y: points.map(\.1))
      plot.add(.points, "mean", x: finite.map(\.1.test.mean), y: finite.map(\.0))
      return plot
    }

    /// Where a network of the first seed says the second class.
    private func regions(_ task: PointTask, _ candidate: Candidate) throws -> Plot {
      var generator = lab.generator(task.name).split(0)
      let network = try Torch.onOneThread { try trained(candidate, task, using: &generator, {}) }
      let rows = Self.grid(1.2) { points in
        network.outputs(for: points.to(.float32)).softmax(axis: 1)[.all, 1].doubles
      }
      var plot = Plot(
        name: "regions-\(task.name)", title: "\(task.name.capitalized): \(candidate.label)",
        caption:
          "Probability of the second class over the plane, by four quadratic neurons and an affine output.",
        x: .init("x1"), y: .init("x2"))
      plot.heatMap = .init(rows: rows, x: -1.2...1.2, y: -1.2...1.2, label: "probability")
      return plot
    }

    private func curve(_ neuron: SingleNeuron) throws -> Plot {
      let layer = neuron.layer
      var plot = Plot(
        name: "neuron-\(neuron.rawValue)", title: "One quadratic neuron: \(neuron.formula)",
        caption: "The sign of one neuron's pre-activation over the plane: \(neuron.meaning).",
        x: .init("x1"), y: .init("x2"))
      plot.heatMap = .init(
        rows: Self.grid(1) { layer($0).sign().doubles }, x: -1...1, y: -1...1, label: "sign")
      return plot
    }

    /// Values over a square of half that side, rows from the bottom up.
    private static func grid(_ half: Double, _ values: (Tensor) -> [Double]) -> [[Double]] {
      let count = 80
      let places = (0..<count).map { place -> Double in
        half * (2 * (Double(place) + 0.5) / Double(count) - 1)
      }
      let points = places.flatMap { y -> [Double] in places.flatMap { x -> [Double] in [x, y] } }
      let all = withoutGradients { values(Tensor(points, shape: [count * count, 2])) }
      return (0..<count).map { Array(all[$0 * count..<($0 + 1) * count]) }
    }
  }
}
