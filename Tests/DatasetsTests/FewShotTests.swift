import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

struct FewShotSamplerTests {
  private func sampler(pairs: Int = 2, labels: Int = 5, seed: UInt64 = 1) throws -> FewShotSampler {
    var generator = RandomGenerator(seed: seed)
    let features = FewShotFeatures.made(classes: 20, exemplars: 3, dimension: 4, using: &generator)
    return try FewShotSampler(
      features, labels: labels, contextPairs: pairs, trainingClasses: 8, testClasses: 6, using: &generator)
  }

  @Test func countsAreThePapers() throws {
    var generator = RandomGenerator(seed: 1)
    let features = FewShotFeatures.made(classes: 150, exemplars: 1, dimension: 2, using: &generator)
    let five = try FewShotSampler(features, using: &generator)
    #expect(five.trainingSequences == 78_400)
    #expect(five.trainingLabels.count == 8 && five.heldOutLabels.count == 2)
    for (labels, training, heldOut) in [(10, 36, 9), (15, 84, 21)] {
      let more = try FewShotSampler(features, labels: labels, using: &generator)
      #expect(more.trainingLabels.count == training && more.heldOutLabels.count == heldOut)
    }
  }

  @Test(arguments: FewShotSampler.Split.allCases, [2, 3])
  func sequencesAreWellFormed(split: FewShotSampler.Split, pairs: Int) throws {
    let sampler = try sampler(pairs: pairs)
    var generator = RandomGenerator(seed: 2)
    let batch = sampler.batch(200, from: split, using: &generator)
    let classes = split == .newClasses ? sampler.testClasses : sampler.trainingClasses
    let sets = split == .newLabels ? sampler.heldOutLabels : sampler.trainingLabels
    #expect(Set(sampler.testClasses).isDisjoint(with: sampler.trainingClasses))
    for sequence in 0..<batch.count {
      let rows = batch.exemplars[sequence * (pairs + 1)..<(sequence + 1) * (pairs + 1)].map { $0 }
      let labels = batch.labels[sequence * pairs..<(sequence + 1) * pairs].map { $0 }
      let kinds = rows.map { $0 / 3 }
      #expect(Set(kinds.dropLast()).count == pairs && kinds.allSatisfy(classes.contains))
      #expect(kinds.last == kinds[batch.matches[sequence]] && sets.contains(labels.sorted()))
      #expect(rows.allSatisfy { (split == .newExemplars) == ($0 % 3 > 0) })
      #expect(batch.targets[sequence] == labels[batch.matches[sequence]])
      #expect(batch.answerPosition(sequence) == 2 * batch.matches[sequence] + 1)
    }
    // Both orders of every set, and every answer, occur.
    #expect(Set(batch.matches).count == pairs && Set(batch.labels).count >= pairs)
  }

  @Test func sameSeedSameSequences() throws {
    let batches = try (0..<2).map { _ in
      var generator = RandomGenerator(seed: 5)
      return try sampler().batch(10, using: &generator)
    }
    #expect(batches[0] == batches[1])
  }

  @Test func impossibleSplitsAreNamed() throws {
    func problem(_ body: () throws -> FewShotSampler) -> String {
      (#expect(throws: CajalError.self) { _ = try body() })?.message ?? ""
    }
    var generator = RandomGenerator(seed: 1)
    let features = FewShotFeatures.made(classes: 10, dimension: 2, using: &generator)
    #expect(problem { try FewShotSampler(features, using: &generator) }.contains("10 classes"))
    #expect(
      problem {
        try FewShotSampler(
          features, labels: 2, trainingClasses: 4, testClasses: 4, using: &generator)
      }.contains("2 labels"))
    #expect(
      problem {
        try FewShotSampler(
          features, contextPairs: 1, trainingClasses: 4, testClasses: 4, using: &generator)
      }.contains("two pairs"))
  }
}

struct FewShotFeaturesTests {
  let scratch = Scratch()

  @Test func filesAreReadInEveryForm() throws {
    let numbers = (0..<24).map { Float($0) }
    let cube = Tensor(numbers, shape: [4, 2, 3])
    let npy = scratch.url.appendingPathComponent("cube.npy")
    try NPY.write(cube, to: npy)
    let read = try FewShotFeatures(contentsOf: npy)
    #expect(read.classes == 4 && read.exemplars == 2 && read.dimension == 3)
    #expect(read.values == numbers)
    let third: [Float] = [9, 10, 11]
    #expect(Array(read.row(3)) == third)
    let flat = scratch.url.appendingPathComponent("flat.safetensors")
    try TensorFile.write([("features", cube.reshaped(8, 3))], to: flat)
    #expect(try FewShotFeatures(contentsOf: flat).exemplars == 1)
    let h5 = scratch.url.appendingPathComponent("cube.h5")
    try HDF5File.write(to: h5) { root in
      let group = try root.createGroup("resnet18")
      _ = try group.write(numbers, shape: [4, 2, 3], to: "feat")
    }
    #expect(try FewShotFeatures(contentsOf: h5).values == numbers)
  }

  @Test func wrongFilesAreNamed() throws {
    let line = scratch.url.appendingPathComponent("line.npy")
    try NPY.write(Tensor([Float(1), 2]), to: line)
    let problem = #expect(throws: CajalError.self) { try FewShotFeatures(contentsOf: line) }
    #expect(problem?.message.contains("line.npy") == true && problem?.message.contains("[classes") == true)
    #expect(throws: CajalError.self) { try FewShotFeatures(contentsOf: URL(fileURLWithPath: "/no.npy")) }
    #expect(throws: CajalError.self) {
      try FewShotFeatures([1, .nan], classes: 1, exemplars: 1, dimension: 2)
    }
    #expect(throws: CajalError.self) { try FewShotFeatures([1], classes: 1, exemplars: 1, dimension: 2) }
  }

  @Test func madeFeaturesHaveTheirGeometry() throws {
    var generator = RandomGenerator(seed: 3)
    let random = FewShotFeatures.made(classes: 30, dimension: 512, using: &generator)
    let expected = Double(512 + 5).squareRoot()
    #expect(abs(random.meanNorm - expected) < 0.5)
    #expect(random.cosine(0, 1) > 0.98)
    #expect(abs(random.cosine(0, 5)) < 0.2)
    #expect(random.cosine(4, 4) > 0.999_999)
    let coded = FewShotFeatures.made(classes: 30, dimension: 64, code: 2, noise: 0, using: &generator)
    // Codes of two numbers lie in a plane: the volume that any three span is nothing.
    let rows = [0, 5, 10].map { coded.row($0) }
    let gram = rows.flatMap { a in
      rows.map { b in zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
    }
    let first = gram[0] * (gram[4] * gram[8] - gram[5] * gram[7])
    let second = gram[1] * (gram[3] * gram[8] - gram[5] * gram[6])
    let third = gram[2] * (gram[3] * gram[7] - gram[4] * gram[6])
    #expect(abs(first - second + third) < 1e-4 * abs(first))
    #expect(abs(coded.scaled(toMeanNorm: 7).meanNorm - 7) < 1e-4)
    #expect(try FewShotFeatures([0, 0, 1, 1], classes: 2, exemplars: 1, dimension: 2).cosine(0, 1) == 0)
  }
}
