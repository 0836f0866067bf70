import Datasets
import Foundation
import Recordings
import Support
import Tensors
import Testing

/// Files written by PyNWB, SciPy and NumPy (`make_recordings.py`), and by us.
@Suite struct RecordingFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Golden/files/recordings").standardizedFileURL
  private func file(_ name: String) -> URL { Self.folder.appendingPathComponent(name) }
  private static let scratch = FileManager.default.temporaryDirectory
    .appendingPathComponent("cajal-files-\(UInt64.random(in: 0...(.max)))")
  private func scratch(_ name: String) throws -> URL {
    try FileManager.default.createDirectory(at: Self.scratch, withIntermediateDirectories: true)
    return Self.scratch.appendingPathComponent("\(UInt64.random(in: 0...(.max)))-\(name)")
  }

  private struct Expected: Decodable {
    struct Calcium: Decodable { let times, velocity: [Double], traces: [[Double]] }
    struct Mixed: Decodable { let traces: [[Double]], cube: [Double] }
    let units: [[Double]]
    let lfp: [[Double]]
    let calcium: Calcium
    let cells: [[Double]]
    let mixed: Mixed
  }

  private func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file("expected.json")))
  }

  @Test func unitsOfPyNWBAreRead() throws {
    let spikes = try RecordingFile.readSpikes(file("units.nwb"))
    #expect(try expected().units == (0..<3).map { Array(spikes[$0]) })
    #expect(spikes.units.regions == ["CA1", "LP", "VISp"])
    #expect(spikes.units.table["quality"] == ["good", "mua", "good"])
    #expect(spikes.support.span?.start == 0 && abs(spikes.support.duration - 10) < 1e-9)
    let trials = try #require(spikes.epochs["trials"])
    #expect(trials.intervals == [Interval(1, 2), Interval(3, 4.5)])
    #expect(trials.selected("stimulus", "right").starts == [3])
  }

  @Test func seriesOfPyNWBAreRead() throws {
    let session = try NWBFile(contentsOf: file("units.nwb"))
    #expect(
      session.series.map(\.path) == ["/acquisition/lfp"] && session.series[0].type == "ElectricalSeries")
    let lfp = try session.recording(of: "lfp")
    #expect(lfp.activity.shape == [200, 4] && lfp.time == TimeAxis(start: 0.5, rate: 50, count: 200))
    #expect(lfp.neurons.name(ofNeuron: 2) == "electrode 2" && lfp.neurons.positions?[2].y == 40)
    #expect(lfp.neurons.regions == ["CA1", "CA1", "LP", "VISp"] && lfp.unit == "volts")
    let wanted = try expected().lfp.flatMap { $0 }
    #expect(zip(lfp.activity[0..<3].doubles, wanted).allSatisfy { abs($0 - $1) < 1e-10 })
    #expect(throws: CajalError.self) { try session.recording(of: "nothing") }
  }

  @Test func calciumComesWithNamesAndBehaviour() throws {
    let wanted = try expected().calcium
    let calcium = try RecordingFile.read(file("calcium.nwb"))
    #expect(calcium.neurons.allNames == ["AVAL", "AVAR", "RIBL"] && calcium.unit == "dF/F")
    #expect(calcium.time?.values == wanted.times)
    #expect(zip(calcium.activity.doubles, wanted.traces.flatMap { $0 }).allSatisfy { abs($0 - $1) < 1e-6 })
    let velocity = try #require(calcium.samples.numbers("velocity"))
    #expect(zip(velocity, wanted.velocity).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func matlabIsRead() throws {
    let spikes = try RecordingFile.readSpikes(file("cells.mat"))
    #expect(try expected().cells == (0..<3).map { Array(spikes[$0]) })
    let mat = try MATFile(contentsOf: file("mixed.mat"))
    #expect(mat["names"]?.texts == ["AVAL", "RIS", "AB€"])
    #expect(mat["worm"]?["note"]?.text == "a worm" && mat["worm"]?["inner"]?["x"]?.numbers == [3])
    #expect(mat["whole"]?.numbers == [0, 1, 2, 3, 4, 5] && mat["flag"]?.numbers == [1])
    #expect(try mat["cube"]?.numbers == expected().mixed.cube && mat["cube"]?.shape == [2, 3, 4])
    #expect(mat["wave"] == .numbers([1, 3], shape: [1, 2], imaginary: [2, -1]))
    #expect(mat["sparse"]?.numbers == [1, 0, 0, 0, 2, 0, 0, 0, 0])
    let traces = try RecordingFile.read(
      URL(fileURLWithPath: file("mixed.mat").path + ":traces"), .init(rate: 2))
    #expect(try traces.activity.doubles == expected().mixed.traces.flatMap { $0 } && traces.time?.end == 2.5)
    #expect(throws: CajalError.self) { try RecordingFile.read(file("mixed.mat")) }
    let complex = try scratch("complex.npy")
    try NPY.write(Tensor.zeros([2, 2], .complex64), to: complex)
    #expect(throws: CajalError.self) { try RecordingFile.read(complex) }
  }

  @Test func archivesOfNumPyComeWithNames() throws {
    let recording = try RecordingFile.read(file("traces.npz"))
    #expect(recording.neurons.allNames == ["α1", "b"] && recording.time?.values == [0, 0.1, 0.25, 0.3, 0.5])
  }

  private func whole() throws -> Recording {
    let time = try TimeAxis(stamps: [0, 0.5, 1.25, 2], what: "time")
    let neurons = try NeuronTable(
      names: ["AVAL", "a,b"], regions: ["head", "tail"], cellTypes: ["inter", "motor"],
      positions: [SIMD3(1, 2, 3), SIMD3(4, 5, 6.5)])
    return try Recording(
      name: "whole", activity: Tensor([0.5, 1, .nan, 3, 4, 1e-9, 6, 7], shape: [4, 2]), neurons: neurons,
      time: time,
      samples: SampleTable([
        ("velocity", .numbers([1, -2.5, 0, 4])), ("state", .texts(["x", "", "y", "007"])),
      ]),
      epochs: [
        "trials": Epochs(
          [Interval(0, 1), Interval(1, 2)], table: SampleTable([("side", .texts(["l", "r"]))]))
      ],
      unit: "ΔF/F")
  }

  @Test(arguments: ["folder", "x.npz", "x.csv", "x.nwb"])
  func whatIsWrittenIsReadBack(name: String) throws {
    let recording = try whole()
    let url = try scratch(name)
    try RecordingFile.write(recording, to: name == "folder" ? url.deletingPathExtension() : url)
    let back = try RecordingFile.read(name == "folder" ? url.deletingPathExtension() : url)
    #expect(
      zip(back.activity.doubles, recording.activity.doubles).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) < 1e-6 * abs($1)
      })
    #expect(back.neurons.allNames == ["AVAL", "a,b"] && back.time?.values == recording.time?.values)
    #expect(back.samples.numbers("velocity") == [1, -2.5, 0, 4])
    if name != "x.nwb" { #expect(back.samples["state"] == ["x", "", "y", "007"]) }
    if name != "x.csv" {
      #expect(
        back.epochs["trials"]?.intervals == recording.epochs["trials"]?.intervals && back.unit == "ΔF/F")
      #expect(back.neurons.regions == ["head", "tail"])
    }
    if name == "folder" || name == "x.nwb" {
      #expect(back.neurons.positions == recording.neurons.positions)
      #expect(
        back.epochs["trials"]?.table["side"] == ["l", "r"] && back.neurons.cellTypes == ["inter", "motor"])
    }
  }

  @Test(arguments: ["x.npz", "x.csv", "x.nwb"])
  func spikesAreReadBack(name: String) throws {
    let units = try NeuronTable(
      names: ["A", "B"], regions: ["CA1", "LP"], positions: [SIMD3(0, 0, 1), SIMD3(2, 0, 0)])
    let spikes = try SpikeTrains(
      [[0.1, 0.25, 3], [1, 1, 2.5]], units: units, support: Epochs(from: 0, to: 4))
    let url = try scratch(name)
    try RecordingFile.write(spikes, to: url)
    let back = try RecordingFile.readSpikes(url)
    #expect(back.times == spikes.times && back.starts == spikes.starts)
    #expect(back.units.allNames == ["A", "B"])
    if name != "x.csv" { #expect(abs(back.support.duration - 4) < 1e-12) }
    if name == "x.nwb" {
      #expect(back.units.positions == units.positions && back.units.regions == ["CA1", "LP"])
    }
  }

  /// Every file cut off or with bytes changed gives an error or another recording, never the end of the program.
  @Test(arguments: ["cells.mat", "mixed.mat", "traces.npz"])
  func damagedFilesAreRefused(name: String) throws {
    let bytes = try Data(contentsOf: file(name))
    var generator = RandomGenerator(seed: 4)
    for trial in 0..<300 {
      var damaged = bytes
      if trial % 3 == 0 {
        damaged = bytes.prefix(generator.integer(below: bytes.count))
      } else {
        for _ in 0..<1 + generator.integer(below: 4) {
          damaged[generator.integer(below: bytes.count)] = UInt8(generator.integer(below: 256))
        }
      }
      let url = try scratch(name)
      defer { try? FileManager.default.removeItem(at: url) }
      try damaged.write(to: url)
      do { _ = try RecordingFile.open(url) } catch let error as CajalError {
        #expect(error.message.contains(url.lastPathComponent))
      }
    }
  }

  @Test func whatIsWrongIsNamed() throws {
    func message(_ name: String, _ text: String) throws -> String {
      let url = try scratch(name)
      try Data(text.utf8).write(to: url)
      do {
        _ = try RecordingFile.read(url)
        return ""
      } catch let error as CajalError { return error.message }
    }
    #expect(try message("a.csv", "time,A\n0,1\n0,2\n").contains("not later than the one before"))
    #expect(try message("a.csv", "unit,time\n1,0.5\n").contains("holds spikes"))
    #expect(try message("a.csv", "time,A,A\n0,1,2\n").contains("two neurons have the name 'A'"))
    #expect(try message("a.nwb", "no file").contains("HDF5"))
    #expect(try message("a.xyz", "").contains("recordings are read as"))
    #expect(try message("a.mat", "").contains("too few"))
    #expect(throws: CajalError.self) { try RecordingFile.read(URL(fileURLWithPath: "/nowhere.npz")) }
  }
}
