import Datasets
import Support
import Tensors
import Testing

@Suite struct LabelledImagesTests {
  private func images(_ count: Int = 10) throws -> LabelledImages {
    try LabelledImages(
      name: "ramp", channels: 2, height: 2, width: 3, pixels: (0..<count * 12).map { UInt8($0 % 256) },
      labels: (0..<count).map { $0 % 3 }, classNames: ["a", "b", "c"], fingerprint: "f")
  }

  @Test func subsetsKeepImagesWithTheirLabels() throws {
    let all = try images()
    let some = all.subset([7, 2])
    #expect(some.labels == [1, 2] && Array(some.image(0)) == Array(all.image(7)))
    #expect(all.prefix(100).count == 10 && all.prefix(3).count == 3)
  }

  @Test func splitsAreDisjointSeededAndWhole() throws {
    let all = try images()
    var (first, second) = (RandomGenerator(seed: 4), RandomGenerator(seed: 4))
    let (a, b) = all.split(0.7, using: &first)
    #expect((a.count, b.count) == (7, 3))
    #expect(Set((a.pixels + b.pixels)).count == 120)
    #expect(all.split(0.7, using: &second).0.pixels == a.pixels)
    #expect(all.split(0.7, using: &second).0.pixels != a.pixels)
  }

  @Test func tensorsAreScaledAndStandardised() throws {
    let all = try images()
    #expect(all.tensor.shape == [10, 2, 2, 3] && abs(all.tensor[0, 1, 0, 0].item - 6.0 / 255) < 1e-7)
    #expect(all.labelTensor.integers == all.labels)
    let standard = all.standardised(by: all.channelStatistics)
    #expect(abs(standard.mean().item) < 1e-5)
    #expect(abs(standard[.all, 0].square().mean().item - 1) < 1e-4)
  }

  @Test func shapesAndLabelsAreChecked() {
    #expect(throws: CajalError.self) {
      try LabelledImages(
        name: "x", channels: 1, height: 2, width: 2, pixels: [1, 2, 3], labels: [0], classNames: ["a"],
        fingerprint: "")
    }
    #expect(throws: CajalError.self) {
      try LabelledImages(
        name: "x", channels: 1, height: 1, width: 1, pixels: [1], labels: [1], classNames: ["a"],
        fingerprint: "")
    }
  }
}
