import Datasets
import Foundation
import Support
import Tensors

extension InvertedResidualNetwork {
  /// MobileNetV2 of width 1 with torchvision's names of weights.
  ///
  /// - Parameter url: Of weights in PyTorch's or safetensors' format.
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public static func mobileNetV2(contentsOf url: URL) throws -> InvertedResidualNetwork {
    let stages: [Stage] = [
      (1, 3, 1, 16, 1), (2, 3, 2, 24, 6), (3, 3, 2, 32, 6), (4, 3, 2, 64, 6), (3, 3, 1, 96, 6),
      (3, 3, 2, 160, 6),
      (1, 3, 1, 320, 6),
    ]
    let names = Names(
      stem: ("features.0.0", "features.0.1"), head: ("features.18.0", "features.18.1"),
      block: { index, expands in
        let path = "features.\(index + 1).conv"
        let depthwise = ("\(path).\(expands ? 1 : 0).0", "\(path).\(expands ? 1 : 0).1")
        let project = expands ? ("\(path).2", "\(path).3") : ("\(path).1", "\(path).2")
        return (expands ? [("\(path).0.0", "\(path).0.1")] : []) + [depthwise, project]
      }, classifier: "classifier.1")
    return try InvertedResidualNetwork(
      stages, names, padding: .symmetric, epsilon: 1e-5, mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225], weights: TensorFile.read(url), source: url.path)
  }

  /// EfficientNet-Lite0 with the names of weights of its PyTorch package.
  public static func efficientNetLite0(contentsOf url: URL) throws -> InvertedResidualNetwork {
    let stages: [Stage] = [
      (1, 3, 1, 16, 1), (2, 3, 2, 24, 6), (2, 5, 2, 40, 6), (3, 3, 2, 80, 6), (3, 5, 1, 112, 6),
      (4, 5, 2, 192, 6),
      (1, 3, 1, 320, 6),
    ]
    let names = Names(
      stem: ("_conv_stem", "_bn0"), head: ("_conv_head", "_bn1"),
      block: { index, expands in
        let path = "_blocks.\(index)"
        let rest = [
          ("\(path)._depthwise_conv", "\(path)._bn1"), ("\(path)._project_conv", "\(path)._bn2"),
        ]
        return (expands ? [("\(path)._expand_conv", "\(path)._bn0")] : []) + rest
      }, classifier: "_fc")
    return try InvertedResidualNetwork(
      stages, names, padding: .same, epsilon: 1e-3, mean: [0.498, 0.498, 0.498],
      deviation: [0.502, 0.502, 0.502],
      weights: TensorFile.read(url), source: url.path)
  }

  /// MobileNetV2 as torchvision trained it on ImageNet.
  ///
  /// - Throws: `CajalError` that says how to get the weights when they are not here.
  public static func mobileNetV2() throws -> InvertedResidualNetwork {
    try mobileNetV2(contentsOf: PackagedData.mobileNetV2.url("mobilenet_v2-b0353104.pth"))
  }

  /// EfficientNet-Lite0, trained on ImageNet.
  ///
  /// - Throws: `CajalError` that says how to get the weights when they are not here.
  public static func efficientNetLite0() throws -> InvertedResidualNetwork {
    try efficientNetLite0(contentsOf: PackagedData.efficientNetLite0.url("efficientnet-lite0-57934424.pth"))
  }
}
