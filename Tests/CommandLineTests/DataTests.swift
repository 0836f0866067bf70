import Foundation
import Testing

@Suite struct DataTests {
  let cajal = Program()

  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/files/\(name)").path
  }

  @Test func filesAreDescribedByTheirContent() throws {
    let cases = [
      ("hdf5/shd.h5", "spike trains (SHD)", "channels         700"),
      ("nir/nested.nir", "network (NIR)", "fc      Linear → rnn"),
      ("events/zstd.aedat4", "events", "sensor    40×34"),
      ("events/events.npz", "events", "events    500"),
      ("hdf5/kinds.h5", "HDF5", "/numbers/deep       float32 [2, 3, 4, 5]"),
    ]
    for (name, kind, line) in cases {
      let outcome = try cajal("data info \(fixture(name))")
      #expect(
        outcome.code == 0 && outcome.output.contains(": \(kind)\n") && outcome.output.contains(line),
        "\(outcome)")
      let json = try cajal("data info \(fixture(name)) --json").json as? [[String: Any]]
      #expect(json?.first?["kind"] as? String == kind)
    }
    let missing = try cajal("data info /nowhere/a.h5")
    #expect(missing.code == 1 && missing.errors.contains("there is no file /nowhere/a.h5"))
    #expect(try cajal("data info \(fixture("hdf5/speech.json"))").errors.contains("end in .h5"))
  }

  @Test func digitsAreMade() throws {
    let file = cajal.home.appendingPathComponent("digits.h5").path
    let line =
      "data make spoken-digits --out \(file) --set takes=1 --set voices=m1,f2 --set test=f2 --set languages=en"
    let made = try cajal(line + " --set channels=32")
    #expect(made.code == 0 && made.output == "\(file)\n" && made.errors.contains("20 utterances"), "\(made)")
    #expect(try cajal("data info \(file)").output.contains("samples          20"))
    for (setting, expected) in [
      ("takes=0", "takes is '0', expected a whole number in 1...10000"),
      ("words=2", "unknown setting 'words'"),
      ("languages=fr", "languages are en and de, not 'fr'"), ("takes", "expected KEY=VALUE"),
    ] {
      let wrong = try cajal("data make spoken-digits --set \(setting)")
      #expect(wrong.code == 2 && wrong.errors.contains(expected), "\(wrong.errors)")
    }
    let near = try cajal("data make spoken-digit")
    #expect(near.code == 2 && near.errors.contains("did you mean spoken-digits?"))
  }
}
