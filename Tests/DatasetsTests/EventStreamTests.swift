import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

@Suite struct EventStreamTests {
  let scratch = Scratch()

  /// The events of make_events.py.
  private func expected(width: Int = 40, height: Int = 34, shift: Int64 = 0) throws -> EventStream {
    try EventStream(
      width: width, height: height, x: (0..<500).map { UInt16(7 * $0 % 34) },
      y: (0..<500).map { UInt16(5 * $0 % 30) }, polarity: (0..<500).map { UInt8($0 % 3 > 0 ? 1 : 0) },
      times: (0..<500).map { Int64(1000 + 13 * $0) + shift })
  }

  @Test func everyFormatIsReadAsItsLibraryWritesIt() throws {
    for name in ["none", "lz4", "zstd"] {
      #expect(try EventStream(contentsOf: fixture("events/\(name).aedat4")) == expected(), "\(name)")
    }
    #expect(try EventStream(contentsOf: fixture("events/dvs.aedat")) == expected(width: 128, height: 128))
    #expect(try EventStream(contentsOf: fixture("events/events.npz")) == expected(width: 34, height: 26))
    #expect(try EventStream(contentsOf: fixture("events/events.npy"), size: (40, 34)) == expected())
    #expect(try EventStream(contentsOf: fixture("events/events.h5")) == expected(shift: 5_000_000))
    #expect(try EventStream(contentsOf: fixture("events/records.h5"), size: (40, 34)) == expected())
    let digits = try EventStream(contentsOf: fixture("events/nmnist.bin"))
    let (first, second) = (
      try expected(width: 34, height: 34), try expected(width: 34, height: 34, shift: 8192)
    )
    #expect(digits.count == 500 && digits[0..<250] == first[0..<250])
    #expect(digits[250..<500] == second[250..<500])
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let stream = try expected()
    let place = { (name: String) in scratch.url.appendingPathComponent(name) }
    try AEDAT3.write(stream, to: place("a.aedat"))
    #expect(try AEDAT3.read(place("a.aedat"), size: (40, 34)) == stream)
    try NMNISTFile.write(stream, to: place("a.bin"))
    #expect(try NMNISTFile.read(place("a.bin"), size: (40, 34)) == stream)
    try stream.write(hdf5: place("a.h5"))
    #expect(try EventStream(contentsOf: place("a.h5")) == stream)
    try stream.write(npz: place("a.npz"))
    #expect(try EventStream(contentsOf: place("a.npz"), size: (40, 34)) == stream)
    // Times beyond 31 bits need packets of their own.
    let late = try expected(shift: (1 << 31) - 3000)
    try AEDAT3.write(late, to: place("late.aedat"))
    #expect(try AEDAT3.read(place("late.aedat"), size: (40, 34)) == late)
    #expect(message { try NMNISTFile.write(late, to: place("b.bin")) }.contains("times from 0 to 8.4 s"))
  }

  @Test func streamsAreSlicedAndCounted() throws {
    let stream = try expected()
    let part = stream.slice(1013..<1040)
    #expect(part.times == [1013, 1026, 1039] && part.x == [7, 14, 21])
    #expect(stream.slice(0..<1000).count == 0 && stream.slice(0..<1001).count == 1)
    #expect(stream.startingAtZero().times.first == 0)
    let small = stream.downsampled(by: 8)
    #expect((small.width, small.height) == (5, 5) && small.x[4] == 28 / 8)
    let frames = part.tensor(binWidth: 20)
    #expect(frames.shape == [2, 2, 34, 40] && frames.sum().item == 3)
    let values = part.counts(binWidth: 20)
    #expect(
      values.values[((0 * 2 + 1) * 34 + 5) * 40 + 7] == 1
        && values.values[((1 * 2 + 0) * 34 + 15) * 40 + 21] == 1)
    #expect(stream.tensor(binWidth: 1000).sum().item == 500)
    #expect(stream.tensor(binWidth: 1000, steps: 3).shape[0] == 3)
    let unsorted = try EventStream(
      width: 2, height: 1, x: [0, 1, 1], y: [0, 0, 0], polarity: [1, 0, 1], times: [30, 10, 10])
    #expect(unsorted.times == [10, 10, 30] && unsorted.x == [1, 1, 0] && unsorted.polarity == [0, 1, 1])
    // Signs at instants 10, 20 and 30 µs.
    #expect(unsorted.voxelGrid(bins: 3).floats == [0, 0, 0, 0, 1, 0])
    let surface = unsorted.timeSurface(at: 30, decay: 20).floats
    #expect(
      zip(surface, [0, Float(exp(-1.0)), 1, Float(exp(-1.0))]).allSatisfy { abs($0 - $1) < 1e-6 },
      "\(surface)")
    let spikes = unsorted.spikes
    #expect(spikes.units == [1, 3, 2] && spikes.times == [0, 0, 2e-5])
  }

  @Test func gesturesAreCut() throws {
    let recording = try DVSGesture.recording(fixture("events/dvs.aedat"))
    #expect(recording.labels == [1, 10] && recording.samples.map(\.count) == [77, 100])
    #expect(recording.samples.allSatisfy { $0.width == 128 } && recording.classNames[10] == "other gestures")
    let spikes = try recording.spikes()
    #expect(spikes.channelCount == 2 * 128 * 128 && spikes.count == 2)
    for name in ["dvs.aedat", "dvs_labels.csv"] {
      try FileManager.default.copyItem(
        at: fixture("events/\(name)"), to: scratch.url.appendingPathComponent(name))
    }
    for list in ["trials_to_train.txt", "trials_to_test.txt"] {
      scratch.write(list, Array("dvs.aedat\n".utf8))
    }
    #expect(try DVSGesture.load(from: scratch.url).train.count == 2)
    scratch.write("dvs_labels.csv", Array("class,start,end\n12,0,1\n".utf8))
    #expect(message { _ = try DVSGesture.load(from: scratch.url) }.contains("dvs_labels.csv, line 2"))
  }

  @Test func damagedFilesGiveErrors() throws {
    func damaged(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> String {
      var bytes = try [UInt8](Data(contentsOf: fixture("events/\(name)")))
      change(&bytes)
      return message { _ = try EventStream(contentsOf: scratch.write(name, bytes)) }
    }
    for name in [
      "dvs.aedat", "none.aedat4", "lz4.aedat4", "zstd.aedat4", "events.npy", "nmnist.bin", "events.npz",
    ] {
      // Cutting off anything but whole packets is seen.
      let said = try damaged(name) { $0.removeLast($0.count / 3 + 1) }
      #expect(said.contains(name), "\(said)")
      #expect(try damaged(name) { $0.removeAll() }.contains(name) || name == "nmnist.bin")
    }
    #expect(try damaged("dvs.aedat") { $0[70 + 20] = 200 }.contains("dvs.aedat"))
    #expect(try damaged("dvs.aedat") { $0[2] = 0 }.contains("is no AEDAT 3 file"))
    #expect(try damaged("lz4.aedat4") { for i in 1000..<1100 { $0[i] = 0xA5 } }.contains("lz4.aedat4"))
    #expect(try damaged("zstd.aedat4") { for i in 1000..<1100 { $0[i] = 0xA5 } }.contains("zstd.aedat4"))
    #expect(
      message { _ = try EventStream(contentsOf: fixture("events/nmnist.bin"), size: (20, 34)) }.contains(
        "does not fit"))
    #expect(
      message { _ = try EventStream(contentsOf: scratch.url.appendingPathComponent("a.txt")) }.contains(
        ".aedat4"))
    try HDF5File.write(to: scratch.url.appendingPathComponent("far.h5")) { root in
      for name in ["x", "y", "p"] { try root.write([0, 0], to: "events/\(name)") }
      try root.write([Int64.min, .max], to: "events/t")
    }
    #expect(
      message { _ = try EventStream(contentsOf: scratch.url.appendingPathComponent("far.h5")) }.contains(
        "far.h5: a time beyond"))
    // Every byte of a small file set to something else: an error or other events, never a trap.
    for name in ["none.aedat4", "zstd.aedat4", "dvs.aedat", "events.npy"] {
      let good = try [UInt8](Data(contentsOf: fixture("events/\(name)")))
      for place in stride(from: 0, to: min(good.count, 1200), by: 3) {
        for value in [UInt8(0), 0xFF, good[place] ^ 0x80] {
          var bad = good
          bad[place] = value
          _ = try? EventStream(contentsOf: scratch.write(name, bad))
        }
      }
    }
  }
}
