import StudyCore

extension QuadraticNetworks {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, expressivity, collapse, dense, residual, products, tables
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    /// Claim 1: the largest parameter count of the pairs of equal size.
    var pairParameters = 40
    var images = 10_000
    var validationImages = 5000
    var testImages = 10_000
    /// Claim 2.
    var collapseDepths = [2, 4, 8, 16]
    var collapseSeeds = 5
    var collapseEpochs = 3
    var collapseRates = [0.02, 0.005]
    var collapseGammas = [1e-2, 1e-4]
    /// Claims 3a, 4a and 6.
    var hiddenLayers = 4
    var width = 64
    var denseSeeds = 8
    var denseEpochs = 6
    var denseRate = 0.02
    var gammas = [0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
    var l1Strengths = [1e-3, 1e-2, 3e-2, 1e-1]
    var l2Strengths = [0.1, 0.5, 0.9, 0.99]
    /// Claims 3b, 4b and 6.
    var residualDepth = 8
    var residualWidth = 8
    var residualImages = 3000
    var residualValidationImages = 2000
    var residualTestImages = 5000
    var residualSeeds = 3
    var residualEpochs = 5
    var residualRate = 0.1
    var residualGammas = [0, 1e-4, 1e-2, 1e-1, 1]
    var augment = false
    /// Claim 5.
    var productSeeds = 5
    var productEpochs = 150
    var productGammas = [1e-2, 1e-1, 1]
    /// Tables: epochs of each fold.
    var tableEpochs = 60

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick: makeQuick()
      case .full: makeFull()
      }
    }

    private mutating func makeQuick() {
      (pairParameters, images, validationImages, testImages) = (21, 1000, 500, 1000)
      (collapseDepths, collapseSeeds, collapseEpochs) = ([2, 4, 8], 2, 1)
      (denseSeeds, denseEpochs, gammas) = (2, 2, [0, 1e-3, 1])
      (l1Strengths, l2Strengths) = ([1e-1], [0.9])
      (residualImages, residualSeeds, residualEpochs, residualGammas) = (300, 1, 1, [0, 1e-2, 1])
      (residualValidationImages, residualTestImages) = (200, 300)
      (productSeeds, productEpochs, productGammas) = (2, 60, [1e-1])
      tableEpochs = 10
    }

    private mutating func makeFull() {
      (pairParameters, denseEpochs) = (60, 8)
      l1Strengths = [1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 1e-1]
      l2Strengths = [1e-2, 0.1, 0.5, 0.9, 0.99]
      (residualImages, residualSeeds, residualEpochs, residualGammas) = (10_000, 3, 8, gammas)
      (residualValidationImages, residualTestImages) = (5000, 10_000)
      (collapseEpochs, productEpochs) = (4, 400)
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: expressivity (claim 1), collapse (2), dense (3a, 4a, 6), residual (3b, 4b, 6), products (5), tables"
      ),
      .integer(
        "pairParameters", \.pairParameters, in: 10...80, "claim 1: most parameters of the pairs of equal size"
      ),
      .integer("images", \.images, in: 200...60_000, "training images of the dense networks"),
      .integer(
        "validationImages", \.validationImages, in: 100...30_000, "images on which strengths are chosen"),
      .integer("testImages", \.testImages, in: 100...10_000, "test images"),
      .integers("collapseDepths", \.collapseDepths, in: 1...32, "claim 2: hidden layers"),
      .integer("collapseSeeds", \.collapseSeeds, in: 1...20, "claim 2: seeds"),
      .integer("collapseEpochs", \.collapseEpochs, in: 1...50, "claim 2: epochs"),
      .numbers("collapseRates", \.collapseRates, in: 1e-6...1, "claim 2: learning rates"),
      .numbers("collapseGammas", \.collapseGammas, in: 0...1, "claim 2: strengths gamma of ReLinear"),
      .integer("hiddenLayers", \.hiddenLayers, in: 1...32, "hidden layers of the dense networks"),
      .integer("width", \.width, in: 2...1024, "neurons of each hidden layer"),
      .integer("denseSeeds", \.denseSeeds, in: 1...20, "seeds of the dense networks"),
      .integer("denseEpochs", \.denseEpochs, in: 1...200, "epochs of the dense networks"),
      .number("denseRate", \.denseRate, in: 1e-6...1, "learning rate of the dense networks"),
      .numbers(
        "gammas", \.gammas, in: 0...1, "strengths gamma of the dense networks; 0 is the conventional network"),
      .numbers("l1Strengths", \.l1Strengths, in: 0...1, "ablation: L1 shrinkage a step"),
      .numbers("l2Strengths", \.l2Strengths, in: 0...1, "ablation: L2 shrinkage a step"),
      .integer("residualDepth", \.residualDepth, in: 8...110, "depth of the residual networks, 6n+2"),
      .integer(
        "residualWidth", \.residualWidth, in: 1...64, "channels of their first stage, doubled at each stage"),
      .integer("residualImages", \.residualImages, in: 100...60_000, "their training images"),
      .integer(
        "residualValidationImages", \.residualValidationImages, in: 100...30_000,
        "images on which their strengths are chosen"),
      .integer("residualTestImages", \.residualTestImages, in: 100...10_000, "their test images"),
      .integer("residualSeeds", \.residualSeeds, in: 1...20, "their seeds"),
      .integer(
        "residualEpochs", \.residualEpochs, in: 1...400,
        "their epochs; the rate is divided by 10 at half and three quarters"),
      .number("residualRate", \.residualRate, in: 1e-6...1, "their learning rate"),
      .numbers(
        "residualGammas", \.residualGammas, in: 0...1, "their strengths gamma; 0 is the conventional network"),
      .flag("augment", \.augment, "whether their images are cropped at random and flipped"),
      .integer("productSeeds", \.productSeeds, in: 1...20, "claim 5: seeds"),
      .integer("productEpochs", \.productEpochs, in: 1...5000, "claim 5: epochs"),
      .numbers(
        "productGammas", \.productGammas, in: 0...1, "claim 5: strengths gamma, chosen on validation points"),
      .integer("tableEpochs", \.tableEpochs, in: 1...2000, "breast cancer and wine: epochs"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }
  }
}
