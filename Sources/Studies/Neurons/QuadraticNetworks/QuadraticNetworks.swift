import Datasets
import Neurons
import StudyCore
import Support

/// On Expressivity and Trainability of Quadratic Networks (Fan, Li, Wang, Lai and Wang, 2021).
public struct QuadraticNetworks: Study {
  public init() {}

  public static let paper = Paper(
    slug: "quadratic-networks", title: "On Expressivity and Trainability of Quadratic Networks",
    authors: ["Feng-Lei Fan", "Mengzhou Li", "Fei Wang", "Rongjie Lai", "Ge Wang"], year: 2021,
    arXiv: "2110.06081",
    abstract:
      "A neuron whose pre-activation is a quadratic function of its inputs can stand wherever a conventional neuron stands. Networks of such neurons are richer, but plain training blows them up; ReLinear starts them as the conventional network and lets the quadratic terms grow slowly. For anyone who trains on images, tables or signals and wants a richer neuron that is safe to drop in."
  )

  public static let method = """
    A quadratic neuron computes (w_r·x + b_r)(w_g·x + b_g) + w_b·(x⊙x) + c before its activation function: three weights an \
    input. With w_g = 0, b_g = 1, w_b = 0, c = 0 it is a conventional neuron. ReLinear starts there and holds the quadratic \
    terms back: their learning rates are γ times the others', or their weights are shrunk at every step (L1 or L2).

    Richness is measured as the generic rank of the Jacobian of a network's outputs with respect to its parameters. \
    Trainability is measured on images with dense networks without normalisation and with QResNet, a residual network whose \
    inner convolutions are quadratic, against the conventional network of the same structure and against one widened to the \
    same number of parameters; strengths are chosen on validation images, accuracies reported on test images.
    """

  public static let data = """
    Fashion-MNIST (Debian's dataset-fashion-mnist), or with --data a folder in the format of MNIST or CIFAR; functions of products, rings \
    and spirals made by the study; the tables breast-cancer and wine where 'cajal data fetch' brought them.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    guard options.residualDepth % 6 == 2 else {
      throw CajalError("option residualDepth=\(options.residualDepth) is not 6n+2: 8, 14, 20, 26, 32, …")
    }
    if options.runs(.expressivity) { try Expressivity(options: options, lab: lab).run() }
    if options.runs(.products) { try Products(options: options, lab: lab).run() }
    if options.runs(.tables) { try Tables(options: options, lab: lab).run() }
    guard [.collapse, .dense, .residual].contains(where: options.runs) else { return }
    let images = try loadImages(lab)
    let rows = try ImageSplit(
      images, train: options.images, validation: options.validationImages, test: options.testImages
    ).flattened
    if options.runs(.collapse) { try Collapse(options: options, data: rows, lab: lab).run() }
    if options.runs(.dense) { try DenseComparison(options: options, data: rows, lab: lab).run() }
    if options.runs(.residual) {
      let squares = try ImageSplit(
        images, train: options.residualImages, validation: options.residualValidationImages,
        test: options.residualTestImages)
      try ResidualComparison(options: options, data: squares, lab: lab).run()
    }
  }

  private func loadImages(_ lab: Lab) throws -> (train: LabelledImages, test: LabelledImages) {
    let images = try lab.dataPath.map { try LabelledImages.load($0) } ?? FashionMNIST.load()
    lab.usesData(images.train.name, fingerprint: images.train.fingerprint)
    lab.usesData(images.test.name, fingerprint: images.test.fingerprint)
    return images
  }
}
