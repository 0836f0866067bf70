import Datasets
import Foundation
import Models
import Recordings
import Support
import Tensors
import Testing

/// Outputs by PyTorch on an input given by a formula; `Tests/Golden/_vision-data.json`.
@Suite(
  .enabled(if: PackagedData.mobileNetV2.isPresent() && PackagedData.efficientNetLite0.isPresent()),
  .serialized)
struct InvertedResidualNetworkTests {
  private let expected: [String: Any] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/_vision-data.json")
    let content = try! JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: Any]
    return content["expected"] as! [String: Any]
  }()

  private var probe: Tensor {
    var values: [Float] = []
    for c in 0..<3 {
      for y in 0..<224 {
        let column = sin(0.1 * Double(y) + Double(c))
        for x in 0..<224 { values.append(Float(column * cos(0.07 * Double(x) + 0.5 * Double(c)))) }
      }
    }
    return Tensor(values, shape: [1, 3, 224, 224])
  }

  private func check(_ network: InvertedResidualNetwork, _ name: String) {
    let known = expected[name] as! [String: Any]
    let recorder = ActivityRecorder("*", axis: 1)
    let logits = withInstruments(recorder) { network(probe) }.doubles
    let first = known["logits_first10"] as! [Double]
    #expect(zip(logits, first).allSatisfy { abs($0 - $1) < 2e-3 }, "\(name): \(logits.prefix(10))")
    #expect(logits.indices.max { logits[$0] < logits[$1] } == known["argmax"] as? Int)
    #expect(abs(logits.max()! - (known["max"] as! Double)) < 2e-3)
    let seen = recorder.taken()
    #expect(seen["stem"]?.shape == [112 * 112, 32] && seen["pooled"]?.shape == [1, 1_280])
    if let mean = known["stem_mean"] as? Double { #expect(abs(seen["stem"]!.mean().item - mean) < 2e-3) }
    if let mean = known["features_mean"] as? Double { #expect(abs(seen["head"]!.mean().item - mean) < 2e-3) }
  }

  @Test func mobileNetV2GivesPyTorchsLogits() throws { check(try .mobileNetV2(), "mobilenet_v2") }
  @Test func efficientNetLite0GivesPyTorchsLogits() throws {
    check(try .efficientNetLite0(), "efficientnet_lite0")
  }

  @Test func weightsOfAnotherNetworkAreNamed() throws {
    let url = try PackagedData.efficientNetLite0.url("efficientnet-lite0-57934424.pth")
    let error = #expect(throws: CajalError.self) { try InvertedResidualNetwork.mobileNetV2(contentsOf: url) }
    #expect(
      error?.message.contains("features.0.1.weight") == true
        || error?.message.contains("features.0.0.weight") == true)
  }
}
