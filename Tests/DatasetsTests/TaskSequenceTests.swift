import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct TaskSequenceTests {
  private func images(_ count: Int = 12, width: Int = 3) throws -> LabelledImages {
    try LabelledImages(
      name: "ramp", channels: 1, height: 3, width: width,
      pixels: (0..<count * 3 * width).map { UInt8($0 % 251) },
      labels: (0..<count).map { $0 % 4 }, classNames: ["a", "b", "c", "d"], fingerprint: "f")
  }

  private func base() throws -> ImageTask { try ImageTask("ramp", train: images(), test: images(8)) }

  @Test func permutationsAreFixedForATaskAndDifferBetweenTasks() throws {
    var (first, second) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
    let tasks = TaskSequence.permuted(try base(), count: 3, using: &first).tasks
    #expect(tasks.count == 3)
    for task in tasks {
      // The same images stand first in both parts, so they stay equal.
      #expect(Array(task.train.image(0)) == Array(task.test.image(0)))
      #expect(Set(task.train.image(5)) == Set(try images().image(5)))
      #expect(task.train.labels == (try images().labels))
    }
    #expect(Array(tasks[0].train.image(0)) != Array(tasks[1].train.image(0)))
    let again = TaskSequence.permuted(try base(), count: 3, using: &second).tasks
    #expect(zip(tasks, again).allSatisfy { $0.train.pixels == $1.train.pixels })
  }

  @Test func pixelsGoWhereTheOrderSays() throws {
    let order = [8, 0, 1, 2, 3, 4, 5, 6, 7]
    let image = Array(try images().permutingPixels(order).image(0))
    #expect(image == [8, 0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test func splitsNumberTheirClassesFromZero() throws {
    let tasks = try TaskSequence.split(base(), classesPerTask: 2, order: [3, 0, 1, 2]).tasks
    #expect(tasks.map(\.name) == ["d, a", "b, c"])
    #expect(tasks[0].train.count == 6 && Set(tasks[0].train.labels) == [0, 1])
    // Class d (3) became 0: its first image is number 3 of the data.
    let place = try #require(tasks[0].train.labels.firstIndex(of: 0))
    #expect(Array(tasks[0].train.image(place)) == Array(try images().image(3)))
    #expect(message { _ = try TaskSequence.split(base(), classesPerTask: 5) }.contains("4 classes"))
  }

  @Test func rightAnglesAreExactAndFourMakeAWhole() throws {
    let all = try images()
    let quarter = all.rotated(degrees: 90)
    #expect(Array(quarter.image(0)) == [2, 5, 8, 1, 4, 7, 0, 3, 6])
    var turned = all
    for _ in 0..<4 { turned = turned.rotated(degrees: 90) }
    #expect(turned.pixels == all.pixels)
    let half = TaskSequence.rotated(try base(), degrees: [0, 180]).tasks
    #expect(half[0].train.pixels == all.pixels)
    #expect(Array(half[1].train.image(0)) == [8, 7, 6, 5, 4, 3, 2, 1, 0])
    let flat = try LabelledImages(
      name: "flat", channels: 1, height: 9, width: 9, pixels: Array(repeating: 200, count: 81), labels: [0],
      classNames: ["x"], fingerprint: "f"
    ).rotated(degrees: 30)
    #expect(flat.pixels[40] == 200 && flat.pixels[0] < 200)
  }

  @Test func invertingTwiceIsNothing() throws {
    let all = try images()
    #expect(all.inverted().inverted().pixels == all.pixels)
    let tasks = TaskSequence.inverted(try base()).tasks
    #expect(tasks[1].train.pixels[1] == 254 && tasks[1].test.labels == tasks[0].test.labels)
  }

  @Test func tasksOfOtherSizesAreRefusedUntilResized() throws {
    var sequence = try TaskSequence([base()])
    let wide = try ImageTask("wide", train: images(width: 6), test: images(width: 6))
    #expect(message { try sequence.append(wide) }.contains("resize"))
    let fitting = try images(width: 6).resized(width: 3, height: 3)
    #expect((fitting.width, fitting.height, fitting.count) == (3, 3, 12))
    try sequence.append(ImageTask("wide", train: fitting, test: fitting))
    #expect(sequence.tasks.count == 2)
    #expect(message { _ = try ImageTask("x", train: images(), test: images(width: 6)) }.contains("task x"))
    #expect(message { _ = try ImageTask("x", train: images(0), test: images()) }.contains("0 training"))
  }
}
