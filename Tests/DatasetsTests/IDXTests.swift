import CZlib
import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct IDXTests {
  let scratch = Scratch()

  /// A file of 3 images of 2×2.
  private var images: IDXFile { IDXFile(shape: [3, 2, 2], bytes: Array(0..<12)) }
  private var labels: IDXFile { IDXFile(shape: [3], bytes: [0, 2, 1]) }

  private func folder() throws -> URL {
    for part in ["train", "t10k"] {
      try images.write(to: scratch.url.appendingPathComponent("\(part)-images-idx3-ubyte"))
      try labels.write(to: scratch.url.appendingPathComponent("\(part)-labels-idx1-ubyte"))
    }
    return scratch.url
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: scratch.url.appendingPathComponent(name)))
  }

  @Test func roundTripPlainAndGzipped() throws {
    let plain = scratch.url.appendingPathComponent("a")
    try images.write(to: plain)
    #expect(try IDXFile(contentsOf: plain) == images)
    let packed = scratch.url.appendingPathComponent("a.gz")
    let handle = gzopen(packed.path, "wb")
    let content = try Data(contentsOf: plain)
    _ = content.withUnsafeBytes { gzwrite(handle, $0.baseAddress, UInt32($0.count)) }
    gzclose(handle)
    #expect(try IDXFile(contentsOf: packed) == images)
    // A packed file that was cut off says so.
    let cut = scratch.write("cut.gz", Array(try Data(contentsOf: packed).dropLast(12)))
    let said = message { _ = try IDXFile(contentsOf: cut) }
    #expect(said.contains("cut.gz"), "\(said)")
  }

  @Test func aFolderIsRead() throws {
    let (train, test) = try MNISTFolder.load(folder(), name: "mine")
    #expect(train.count == 3 && test.height == 2 && train.classNames == ["0", "1", "2"])
    #expect(Array(train.image(1)) == [4, 5, 6, 7])
    #expect(train.fingerprint == test.fingerprint && train.fingerprint.count == 64)
  }

  @Test func damagedFilesNameFileAndOffset() throws {
    let folder = try folder()
    let good = try bytes("train-images-idx3-ubyte")
    let cases: [(String, [UInt8], [String])] = [
      (
        "short", Array(good.dropLast(5)),
        ["train-images", "ends at byte 23", "12 bytes were expected from byte 16"]
      ),
      ("long", good + [1], ["train-images", "goes on after byte 28"]),
      ("magic", [7] + good.dropFirst(), ["train-images", "no IDX file", "byte 0"]),
      ("header", Array(good.prefix(6)), ["train-images", "inside the extents"]),
      ("empty", [], ["train-images", "inside the header"]),
      ("huge", [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), ["train-images", "cannot be right"]),
      ("many", [0, 0, 8, 3, 0, 0, 0, 9] + good.dropFirst(8), ["train-images", "ends at byte 28"]),
      ("rank", [0, 0, 8, 1, 0, 0, 0, 2, 1, 1], ["train-images", "rank 3"]),
    ]
    for (name, content, expected) in cases {
      scratch.write("train-images-idx3-ubyte", content)
      let said = message { _ = try MNISTFolder.load(folder, name: "mine") }
      for part in expected { #expect(said.contains(part), "\(name): \(said)") }
    }
  }

  @Test func mislabelledAndMissingFilesAreNamed() throws {
    let folder = try folder()
    try IDXFile(shape: [2], bytes: [0, 1]).write(to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
    #expect(message { _ = try MNISTFolder.load(folder, name: "m") }.contains("3 images but"))
    try IDXFile(shape: [3], bytes: [0, 9, 1]).write(
      to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
    let said = message { _ = try MNISTFolder.load(folder, name: "m", classNames: ["a", "b", "c"]) }
    #expect(said.contains("byte 9 is label 9, expected one below 3"), "\(said)")
    try FileManager.default.removeItem(at: folder.appendingPathComponent("t10k-images-idx3-ubyte"))
    #expect(message { _ = try MNISTFolder.load(folder, name: "m") }.contains("holds no t10k-images"))
    #expect(message { _ = try FashionMNIST.load(from: "/nowhere") }.contains("/nowhere"))
  }

  @Test func fashionMNISTIsWhole() throws {
    let (train, test) = try FashionMNIST.load()
    #expect((train.count, test.count, train.imageSize) == (60_000, 10_000, 784))
    #expect((0..<10).allSatisfy { label in train.labels.count { $0 == label } == 6000 })
    let statistics = train.channelStatistics
    #expect(abs(statistics.mean[0] - 0.2860) < 1e-3 && abs(statistics.deviation[0] - 0.3530) < 1e-3)
  }
}
