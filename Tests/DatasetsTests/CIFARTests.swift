import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct CIFARTests {
  let scratch = Scratch()

  private func record(_ labels: [UInt8], _ value: UInt8) -> [UInt8] {
    labels + [UInt8](repeating: value, count: 1024) + [UInt8](repeating: value + 1, count: 1024)
      + [UInt8](repeating: value + 2, count: 1024)
  }

  @Test func tenClasses() throws {
    scratch.write("data_batch_1.bin", record([3], 10) + record([9], 20))
    scratch.write("data_batch_2.bin", record([0], 30))
    scratch.write("test_batch.bin", record([1], 40))
    scratch.write("batches.meta.txt", Array((0..<10).map { "class\($0)" }.joined(separator: "\n").utf8))
    let (train, test) = try LabelledImages.load(scratch.url.path)
    #expect(train.labels == [3, 9, 0] && test.labels == [1] && train.classNames[9] == "class9")
    #expect(train.tensor[1, .all, 0, 0].doubles.map { ($0 * 255).rounded() } == [20, 21, 22])
  }

  @Test func hundredClassesUseTheFineLabel() throws {
    scratch.write("train.bin", record([5, 77], 10))
    scratch.write("test.bin", record([5, 99], 10))
    let (train, test) = try CIFAR.load(scratch.url)
    #expect(train.labels == [77] && test.labels == [99] && train.classCount == 100)
  }

  @Test func damagedFilesNameTheOffset() {
    #expect(message { _ = try CIFAR.load(scratch.url) }.contains("neither"))
    scratch.write("data_batch_1.bin", record([3], 10) + [1, 2, 3])
    scratch.write("test_batch.bin", record([1], 40))
    #expect(
      message { _ = try CIFAR.load(scratch.url) }.contains(
        "data_batch_1.bin ends inside the record at byte 3073"))
    scratch.write("data_batch_1.bin", record([3], 10) + record([12], 10))
    #expect(message { _ = try CIFAR.load(scratch.url) }.contains("byte 3073 is label 12"))
    #expect(message { _ = try LabelledImages.load("/nowhere") }.contains("/nowhere"))
  }
}
