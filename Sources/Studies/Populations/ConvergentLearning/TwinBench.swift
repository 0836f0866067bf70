import Alignment
import Datasets
import Recordings
import StudyCore
import Support
import Synchronization
import Tensors

/// The images, and networks that are trained on them from chosen starts in chosen orders.
struct TwinBench: Sendable {
  let options: ConvergentLearning.Options
  let lab: Lab
  private let training, test: LabelledImages
  /// Standardised test images `[P, C, H, W]` on which activity is compared.
  let probe: Tensor

  /// What a network is made from.
  struct Recipe: Sendable, Hashable {
    /// The seeds of the weights and of the order of images.
    var start: Int
    var order: Int
    var width = 1
    var isTrained = true
  }

  /// A network and what its units do on the probe images.
  struct Network: @unchecked Sendable {
    let recipe: Recipe
    let accuracy: Double
    /// `[S, N]` by layer; behind rectification, and before it under `conv1.linear`.
    let activity: [String: Tensor]
    /// Filters of the first convolution, `[N][C · 5 · 5]`.
    let filters: [[Double]]
  }

  init(options: ConvergentLearning.Options, lab: Lab) throws {
    (self.options, self.lab) = (options, lab)
    guard options.channels.count == 3 else {
      throw CajalError("option channels=\(options.channels) should name three layers")
    }
    let images = try lab.dataPath.map { try LabelledImages.load($0) } ?? FashionMNIST.load()
    lab.usesData(images.train.name, fingerprint: images.train.fingerprint)
    lab.usesData(images.test.name, fingerprint: images.test.fingerprint)
    (training, test) = (images.train.prefix(options.trainImages), images.test.prefix(options.probeImages))
    guard min(training.height, training.width) >= 18 else {
      throw CajalError(
        "\(training.name) has images of \(training.height)×\(training.width) pixels, at least 18×18 are needed"
      )
    }
    guard training.count >= options.batch, test.count >= 50 else {
      throw CajalError(
        "\(training.name) has \(training.count) training and \(test.count) test images: too few")
    }
    probe = test.standardised(by: training.channelStatistics)
  }

  /// Trains all networks of `recipes`, several at once, each on one thread.
  func make(_ stage: String, _ recipes: [Recipe]) throws -> [Network] {
    let images = training.standardised(by: training.channelStatistics)
    let labels = training.labelTensor
    let done = Atomic<Int>(0)
    let steps =
      (training.count + options.batch - 1) / options.batch * options.epochs * recipes.count { $0.isTrained }
    return try parallelMap(
      recipes.count,
      throwing: { index in
        try Torch.onOneThread {
          try network(recipes[index], images, labels) {
            let step = done.wrappingAdd(1, ordering: .relaxed).newValue
            if step % 50 == 0 || lab.isInterrupted { try lab.progress(stage, step, of: steps, unit: "steps") }
          }
        }
      })
  }

  /// The networks that are compared, trained and not.
  func train() throws -> (trained: [Network], untrained: [Network]) {
    let recipes = (0..<options.networks).map { Recipe(start: $0, order: $0) }
    let trained = try make("training networks", recipes)
    let untrained = try make(
      "untrained networks",
      recipes.map {
        var recipe = $0
        recipe.isTrained = false
        return recipe
      })
    for (network, index) in zip(trained, 0...) { lab.measure("accuracy.network\(index)", network.accuracy) }
    return (trained, untrained)
  }

  private func network(
    _ recipe: Recipe, _ images: Tensor, _ labels: Tensor, _ step: () throws -> Void
  ) throws -> Network {
    var generator = lab.generator("start.\(recipe.start)")
    let network = SmallConvolutionalNetwork(
      image: (training.channels, training.height, training.width),
      channels: options.channels.map { $0 * recipe.width },
      dense: options.denseUnits * recipe.width, classes: training.classCount,
      options.initialisation == "normal" ? .kaimingNormal() : .uniformFanIn, using: &generator)
    if recipe.isTrained {
      var order = lab.generator("order.\(recipe.order)")
      let loop = TrainingLoop(
        network, SGD(network, learningRate: options.learningRate, momentum: 0.9), batchSize: options.batch,
        epochs: options.epochs, seed: order.next())
      try loop.run(
        samples: training.count, progress: { _ in try step() },
        loss: { network(images.selected($0, axis: 0)).crossEntropy(labels.selected($0, axis: 0)) })
    }
    return observed(network, recipe)
  }

  private func observed(_ network: SmallConvolutionalNetwork, _ recipe: Recipe) -> Network {
    let sampler = PositionSampler("**", positions: options.positions, using: lab.generator("positions"))
    var right = 0
    withoutGradients {
      for part in stride(from: 0, to: test.count, by: 250) {
        let end = min(part + 250, test.count)
        let answers = withInstruments(sampler) { network(probe[part..<end]) }.argmax(axis: 1).integers
        right += zip(answers, test.labels[part..<end]).count { $0 == $1 }
      }
    }
    let filters = network.convolutions[0].weight.value
    let size = filters.count / filters.size(0)
    let flat = filters.doubles
    return Network(
      recipe: recipe, accuracy: Double(right) / Double(test.count),
      activity: sampler.taken().mapValues(\.samples),
      filters: stride(from: 0, to: flat.count, by: size).map { Array(flat[$0..<$0 + size]) })
  }
}
