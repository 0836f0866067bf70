import Datasets
import Neurons
import StudyCore
import Support

/// Hebbian Learning based Orthogonal Projection for Continual Learning of Spiking Neural Networks (Xiao, Meng, Zhang, He and
/// Lin, 2024).
public struct HebbianOrthogonalProjection: Study {
  public init() {}

  public static let paper = Paper(
    slug: "hebbian-orthogonal-projection",
    title: "Hebbian Learning based Orthogonal Projection for Continual Learning of Spiking Neural Networks",
    authors: ["Mingqing Xiao", "Qingyan Meng", "Zongpeng Zhang", "Di He", "Zhouchen Lin"], year: 2024,
    arXiv: "2402.11984",
    abstract:
      "A spiking network learns tasks one after another without forgetting and without keeping old data. Beside every population sit a few neurons whose lateral synapses learn, by Hebbian and anti-Hebbian plasticity, the principal subspace of the activity seen so far; later weight changes leave that subspace alone. For anyone whose data arrive task by task: on devices, in robots, from instruments that drift."
  )

  public static let method = """
    Subspace neurons y = Hx predict the activity they come from, Hᵀy. Their synapses learn by YᵀX - YᵀX̂, with momentum, several \
    times a batch; rows of finished tasks are frozen but take part in the prediction, so that new rows find what is left. In \
    the weights' gradient (error signal × presynaptic trace) the trace loses its part inside the frozen rows' span: the \
    response to old inputs stays. It works with every rule of that form: here DSR (rates), BPTT (surrogate gradients) and OTTT \
    (online), with backpropagated, random or sign-symmetric feedback.

    Tasks are fixed permutations of the pixels with one shared head, in a regime in which plain training forgets and in a mild \
    one; classes in pairs with a head each for the convolutional network. ACC is the mean accuracy over all tasks after the \
    last, BWT the mean change of earlier tasks' accuracy since they were learnt.
    """

  public static let data = """
    Fashion-MNIST (Debian's dataset-fashion-mnist), or with --data a folder in the format of MNIST or CIFAR, whose pixels are \
    permuted for each task.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let images = try loadImages(lab)
    try check(options, images)
    let bench = TrialBench(options: options, images: images, lab: lab)
    if options.part != Part.convolution.rawValue {
      let main = try MainPart(bench: bench).run()
      if options.runs(.rules) { try RulePart(bench: bench, main: main).run() }
      if options.runs(.lateral) { try LateralPart(bench: bench, main: main).run() }
      if options.runs(.ablations) { try AblationPart(bench: bench, main: main).run() }
    }
    if options.runs(.convolution) { try ConvolutionPart(bench: bench).run() }
  }

  /// What options and data must be for each other.
  private func check(_ options: Options, _ images: ImageTask) throws {
    let factor = options.runs(.ablations) ? max(1, options.sizeFactors.max() ?? 1) : 1
    for hidden in [options.hidden, options.mildHidden] {
      let inputs = [images.train.imageSize] + hidden
      let sizes = options.sizes(factor, layers: inputs.count)
      for (layer, count) in inputs.enumerated() {
        for (name, rows) in [("firstRows", sizes.first[layer]), ("laterRows", sizes.later[layer])]
        where rows > count {
          throw CajalError(
            "option \(name) gives \(rows) subspace neurons to layer \(layer + 1), which has only \(count) inputs"
          )
        }
      }
    }
    let shrunk = min(images.train.height, images.train.width) >> options.channels.count
    if options.runs(.convolution), shrunk < 1 {
      throw CajalError(
        "option channels asks for \(options.channels.count) stages that halve the picture, too many for \(images.train.width)×\(images.train.height) pixels"
      )
    }
  }

  private func loadImages(_ lab: Lab) throws -> ImageTask {
    let images = try lab.dataPath.map { try LabelledImages.load($0) } ?? FashionMNIST.load()
    lab.usesData(images.train.name, fingerprint: images.train.fingerprint)
    lab.usesData(images.test.name, fingerprint: images.test.fingerprint)
    return try ImageTask(images.train.name, train: images.train, test: images.test)
  }
}
