import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

@Suite struct LabelledSpikesTests {
  let scratch = Scratch()

  private func place(_ name: String) -> URL { scratch.url.appendingPathComponent(name) }

  /// Three samples of two speakers over ten channels.
  private func small() throws -> LabelledSpikes {
    try LabelledSpikes(
      name: "small", channelCount: 10,
      samples: [
        SpikeSample(times: [0, 0.0101, 0.0199, 0.5], units: [0, 4, 5, 9]),
        SpikeSample(times: [0.02], units: [3]),
        SpikeSample(times: [0.25, 0.25], units: [7, 7]),
      ], labels: [0, 1, 1], classNames: ["eins", "zwölf"], speakers: [0, 1, 0], fingerprint: "f")
  }

  @Test func theLayoutOfSHDIsReadAsH5pyWritesIt() throws {
    let data = try LabelledSpikes(shd: fixture("hdf5/shd.h5"))
    #expect((data.count, data.channelCount, data.classCount) == (6, 700, 4))
    #expect(data.labels == [0, 1, 2, 3, 0, 1] && data.speakers == [0, 1, 2, 0, 1, 2])
    #expect(data.classNames == ["zero", "one", "null", "eins"] && data.fingerprint.count == 64)
    for index in 0..<6 {
      let expected = (0..<5 + index).map { place -> Float in Float(place) / 16 }
      #expect(data[index].times == expected)
      let units = (0..<5 + index).map { place -> Int32 in Int32(place * 97 % 700) }
      #expect(data[index].units == units)
    }
    #expect(data.duration == 9 / 16 && data.spikesPerSample == 7.5)
    let (train, test) = try data.split(testSpeakers: [2])
    #expect(train.count == 4 && test.labels == [2, 1] && test[1] == data[5])
    #expect(train.fingerprint == data.fingerprint)
    #expect(
      message { _ = try data.split(testSpeakers: [7]) }.contains("speaker 7 never speaks; there are 0, 1, 2"))
  }

  @Test func binsHoldTheSpikes() throws {
    let data = try small()
    let bins = SpikeBinning(width: 0.01, duration: 0.3, group: 5)
    #expect(bins.steps == 30 && bins.channels(of: 10) == 2 && bins.channels(of: 11) == 3)
    let tensor = data.tensor(bins)
    #expect(tensor.shape == [30, 3, 2])
    // The spike at 0.5 s is left out; 0.02 s stands in bin 2 although single precision holds a little less.
    var expected = [Float](repeating: 0, count: 180)
    for (step, sample, channel, number) in [
      (0, 0, 0, 1), (1, 0, 0, 1), (1, 0, 1, 1), (2, 1, 0, 1), (25, 2, 1, 2),
    ] { expected[(step * 3 + sample) * 2 + channel] = Float(number) }
    #expect(tensor.floats == expected)
    let binary = data.counts(SpikeBinning(width: 0.01, duration: 0.3, isBinary: true), samples: 2..<3)
    #expect(binary.count == 300 && binary[257] == 1 && binary.reduce(0) { $0 + Int($1) } == 1)
    #expect(data.tensor(bins, at: [2, 2], as: .uint8).shape == [30, 2, 2])
    #expect(SpikeBinning(width: 0.01, duration: 1).steps == 100)
    #expect(SpikeBinning(width: 0.003, duration: 0.01).steps == 4)
    let loud = try LabelledSpikes(
      name: "loud", channelCount: 1,
      samples: [SpikeSample(times: .init(repeating: 0, count: 300), units: .init(repeating: 0, count: 300))],
      labels: [0], classNames: ["a"], fingerprint: "")
    #expect(loud.counts(SpikeBinning(width: 1, duration: 1)) == [255])
  }

  @Test func everyFormatKeepsTheSpikes() throws {
    let data = try small()
    for name in ["a.h5", "a.npz", "a.csv"] {
      switch name {
      case "a.h5": try data.write(shd: place(name))
      case "a.npz": try data.write(npz: place(name))
      default: try data.write(csv: place(name))
      }
      let read = try LabelledSpikes(contentsOf: place(name))
      #expect(read.times == data.times && read.units == data.units && read.starts == data.starts, "\(name)")
      #expect(read.labels == data.labels && read.speakers == data.speakers, "\(name)")
      #expect(read.channelCount == 10, "\(name)")
      if name != "a.npz" { #expect(read.classNames == data.classNames) }
    }
    try data.write(shd: place("half.h5"), precision: .half)
    let half = try LabelledSpikes(shd: place("half.h5"))
    #expect(half.times == data.times.map { Float(Float16($0)) } && half.units == data.units)
    var generator = RandomGenerator(seed: 1)
    let shuffled = data.shuffled(using: &generator)
    #expect(shuffled.times.sorted() == data.times.sorted())
    let (first, rest) = data.split(0.34, using: &generator)
    #expect(first.count == 1 && rest.count == 2)
  }

  @Test func wrongFilesAreNamed() throws {
    func write(_ body: (HDF5Group) throws -> Void) throws -> String {
      try HDF5File.write(to: place("bad.h5"), body)
      return message { _ = try LabelledSpikes(shd: place("bad.h5")) }
    }
    func good(_ root: HDF5Group, labels: [Int32] = [0, 1], units: [[UInt16]] = [[1, 2], [3]]) throws {
      try root.write(rows: [[0.1, 0.2], [0.3]] as [[Float]], to: "spikes/times")
      try root.write(rows: units, to: "spikes/units")
      try root.write(labels, to: "labels")
    }
    #expect(try write { try good($0) } == "nothing was thrown")
    #expect(
      try write { try $0.write([1], to: "labels") }.contains(
        "bad.h5, group '/' holds no dataset 'spikes/times'"))
    #expect(try write { try good($0, labels: [-7, -9]) }.contains("label -7 of sample 0"))
    #expect(try write { try good($0, labels: [0]) }.contains("do not match 1 labels"))
    #expect(try write { try good($0, units: [[1], [3]]) }.contains("sample 0 has 2 times and 1 units"))
    #expect(
      try write {
        try good($0, labels: [0, 5])
        try $0.write(["a"], to: "extra/keys")
      }.contains("label 5 of sample 1 is not below the number of classes, 1"))
    #expect(
      try write {
        try good($0)
        try $0.setAttribute("channels", [3])
      }.contains("unit 3 in sample 1 is not below the number of channels, 3"))
    let cases: [(String, String)] = [
      ("sample,time,unit\n0,0.1,1\n", "sample, time, unit and label are needed"),
      ("sample,time,unit,label\n1,0.1,1,a\n", "line 2: sample 1.0 where 0 was expected"),
      ("sample,time,unit,label\n0,x,1,a\n", "line 2, column time: 'x' is no number"),
      ("sample,time,unit,label\n0,-1,1,a\n", "a spike of sample 0 is at -1.0 s"),
      ("sample,time,unit,label\n0,1,-2,a\n", "unit -2 in sample 0"),
    ]
    for (text, expected) in cases {
      let url = scratch.write("bad.csv", Array(text.utf8))
      let said = message { _ = try LabelledSpikes(contentsOf: url) }
      #expect(said.contains(expected), "\(said)")
    }
    try NPZ.write([("times", Tensor([0.5])), ("units", Tensor([1]))], to: place("bad.npz"))
    #expect(message { _ = try LabelledSpikes(npz: place("bad.npz")) }.contains("holds no array 'labels'"))
    try NPZ.write(
      [
        ("times", Tensor([0.5])), ("units", Tensor([1])), ("labels", Tensor([0])), ("samples", Tensor([1])),
      ], to: place("bad.npz"))
    #expect(message { _ = try LabelledSpikes(npz: place("bad.npz")) }.contains("spike 0 belongs to sample 1"))
    #expect(message { _ = try LabelledSpikes(contentsOf: place("a.txt")) }.contains("are read from .h5"))
  }
}
