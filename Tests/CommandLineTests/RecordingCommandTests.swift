import Foundation
import Support
import Testing

@Suite struct RecordingCommandTests {
  private let program = Program()
  private let files = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Golden/files/recordings").standardizedFileURL.path

  private func place(_ name: String) throws -> String {
    try FileManager.default.createDirectory(at: program.home, withIntermediateDirectories: true)
    return program.home.appendingPathComponent(name).path
  }

  @Test func infoTellsWhatAFileHolds() throws {
    let plain = try program("recording info \(files)/units.nwb --spikes")
    #expect(
      plain.code == 0 && plain.output.contains("90 spikes of 3 units") && plain.output.contains("trials: 2"))
    let json = try #require(try program("recording info \(files)/calcium.nwb --json").json as? [String: Any])
    #expect(
      json["neurons"] as? Int == 3 && json["samples"] as? Int == 60
        && json["columns"] as? [String] == ["velocity"])
  }

  @Test func convertingThereAndBackKeepsEverything() throws {
    for name in ["a.npz", "a.nwb", "a.csv", "folder"] {
      let target = try place(name)
      #expect(try program("recording convert \(files)/calcium.nwb \(target)").code == 0)
      let json = try #require(try program("recording info \(target) --json").json as? [String: Any])
      #expect(json["neurons"] as? Int == 3 && json["samples"] as? Int == 60, "\(name)")
    }
    let counts = try place("counts.csv")
    #expect(
      try program("recording convert \(files)/units.nwb \(counts) --spikes --bin 0.5 --from 1 --to 3").code
        == 0)
    #expect(try String(contentsOfFile: counts, encoding: .utf8).split(separator: "\n").count == 5)
  }

  @Test func picturesAreDrawn() throws {
    let folder = try place("pictures")
    let outcome = try program("recording plot \(files)/calcium.nwb --z --out \(folder)")
    #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count == 3)
    for line in outcome.output.split(separator: "\n") {
      #expect(try String(contentsOfFile: String(line), encoding: .utf8).contains("<svg"))
    }
    let raster = try program("recording plot \(files)/units.nwb --spikes --out \(folder)")
    #expect(raster.code == 0 && raster.output.contains("raster.svg"))
  }

  @Test func wrongCallsAreExplained() throws {
    #expect(try program("recording").code == 2)
    #expect(try program("recording info").code == 2)
    #expect(try program("recording convert \(files)/calcium.nwb").code == 2)
    let missing = try program("recording info /nowhere.nwb")
    #expect(missing.code == 1 && missing.errors.contains("/nowhere.nwb"))
    let format = try program("recording convert \(files)/calcium.nwb \(try place("a.xyz"))")
    #expect(format.code == 1 && format.errors.contains("written as"))
    let epoch = try program("recording info \(files)/units.nwb --epoch sleep")
    #expect(epoch.code == 1 && epoch.errors.contains("trials"))
    let neuron = try program("recording info \(files)/calcium.nwb --neurons AVBL")
    #expect(neuron.code == 1 && neuron.errors.contains("AVAL"))
  }
}
