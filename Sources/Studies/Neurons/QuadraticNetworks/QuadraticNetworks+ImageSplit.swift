import Datasets
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Standardised images for training, for choosing strengths, and for the test.
  struct ImageSplit: Sendable {
    struct Part: Sendable {
      var inputs: Tensor
      var labels: Tensor
    }

    var train: Part
    var validation: Part
    var test: Part
    var channels: Int
    var classes: Int

    /// The pixels of an image in a row `[B, C·H·W]`, for dense networks.
    var flattened: ImageSplit {
      var copy = self
      for path in [\ImageSplit.train, \.validation, \.test] {
        copy[keyPath: path].inputs = copy[keyPath: path].inputs.flattened(from: 1)
      }
      return copy
    }

    var inputSize: Int { train.inputs.count / train.inputs.size(0) }

    /// Training images from the front of the training file, validation images from its end.
    init(
      _ data: (train: LabelledImages, test: LabelledImages), train count: Int, validation: Int, test: Int
    ) throws {
      guard data.train.count >= count + validation else {
        throw CajalError(
          "\(data.train.name) holds \(data.train.count) training images, expected \(count) and \(validation) to choose on"
        )
      }
      let training = data.train.prefix(count)
      let statistics = training.channelStatistics
      func part(_ images: LabelledImages) -> Part {
        Part(inputs: images.standardised(by: statistics), labels: images.labelTensor)
      }
      let last = Array(data.train.count - validation..<data.train.count)
      self.train = part(training)
      self.validation = part(data.train.subset(last))
      self.test = part(data.test.prefix(test))
      channels = data.train.channels
      classes = data.train.classNames.count
    }
  }
}
