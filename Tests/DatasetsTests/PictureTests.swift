import CTurboJPEG
import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct PictureTests {
  let scratch = Scratch()

  private func gradient(_ width: Int, _ height: Int, _ channels: Int) -> Picture {
    let bytes = (0..<width * height * channels).map { UInt8($0 / channels % width * 255 / max(width - 1, 1)) }
    return Picture(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// Writes a JPEG of best quality.
  private func jpeg(_ picture: Picture, _ name: String) -> URL {
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var (buffer, size): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
    defer { tjFree(buffer) }
    tjCompress2(
      encoder, picture.bytes, Int32(picture.width), 0, Int32(picture.height), Int32(TJPF_RGB.rawValue),
      &buffer, &size,
      Int32(TJSAMP_444.rawValue), 100, 0)
    return scratch.write(name, Array(UnsafeBufferPointer(start: buffer, count: Int(size))))
  }

  @Test(arguments: [1, 3, 4])
  func pngRoundTrip(_ channels: Int) throws {
    let picture = gradient(7, 5, channels)
    let url = scratch.url.appendingPathComponent("a.png")
    try picture.writePNG(to: url)
    #expect(try Picture(contentsOf: url, channels: channels) == picture)
  }

  @Test func jpegIsRead() throws {
    let picture = gradient(16, 8, 3)
    let read = try Picture(contentsOf: jpeg(picture, "a.jpg"))
    #expect((read.width, read.height, read.channels) == (16, 8, 3))
    #expect(zip(read.bytes, picture.bytes).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
    #expect(try Picture(contentsOf: jpeg(picture, "b.jpeg"), channels: 1).bytes.count == 128)
  }

  @Test func damagedPicturesAreNamed() throws {
    let png = scratch.url.appendingPathComponent("a.png")
    try gradient(30, 30, 3).writePNG(to: png)
    let bytes = try Array(Data(contentsOf: png))
    let cut = scratch.write("cut.png", Array(bytes.prefix(bytes.count / 2)))
    #expect(message { _ = try Picture(contentsOf: cut) }.contains("cut.png is damaged"))
    let photo = try Array(Data(contentsOf: jpeg(gradient(64, 64, 3), "p.jpg")))
    let half = scratch.write("half.jpg", Array(photo.prefix(photo.count / 2)))
    #expect(message { _ = try Picture(contentsOf: half) }.contains("half.jpg is damaged"))
    let text = scratch.write("note.png", Array("hello".utf8))
    #expect(message { _ = try Picture(contentsOf: text) }.contains("neither PNG nor JPEG"))
    #expect(message { _ = try Picture(contentsOf: scratch.url) }.contains("cannot read"))
    // A size that only damage can explain.
    var huge = bytes
    huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(message { _ = try Picture(contentsOf: scratch.write("huge.png", huge)) }.contains("huge.png"))
  }

  @Test func resizingKeepsFlatPicturesAndMeans() {
    let flat = Picture(width: 9, height: 7, channels: 3, bytes: [UInt8](repeating: 77, count: 9 * 7 * 3))
    #expect(flat.resized(width: 4, height: 13).bytes.allSatisfy { $0 == 77 })
    let small = gradient(64, 64, 1).resized(width: 8, height: 8)
    // Away from the border, where the window is cut, a ramp stays a ramp.
    #expect(zip(small.bytes[1..<7], [46, 78, 111, 143, 176, 208]).allSatisfy { abs(Int($0) - $1) <= 1 })
    #expect(gradient(10, 20, 1).filling(width: 6, height: 6).bytes.count == 36)
  }

  @Test func foldersAreClasses() throws {
    for (name, value) in [("cat", UInt8(10)), ("dog", UInt8(200))] {
      for index in 0..<2 {
        let picture = Picture(
          width: 4 + index, height: 4, channels: 3, bytes: [UInt8](repeating: value, count: (4 + index) * 12))
        try picture.writePNG(to: scratch.url.appendingPathComponent("\(name)/\(index).png"))
      }
    }
    scratch.write("dog/note.txt", [1])
    let images = try ImageFolder.load(scratch.url, width: 4, height: 4)
    #expect(images.labels == [0, 0, 1, 1] && images.classNames == ["cat", "dog"])
    #expect(images.pixels.count == 4 * 48 && images.image(3).allSatisfy { $0 == 200 })
    scratch.write("dog/2.png", [0x89, 0x50, 0x4E, 0x47])
    #expect(message { _ = try ImageFolder.load(scratch.url, width: 4, height: 4) }.contains("dog/2.png"))
    #expect(
      message { _ = try ImageFolder.load(scratch.url.appendingPathComponent("cat"), width: 4, height: 4) }
        .contains("no subfolders"))
  }
}
