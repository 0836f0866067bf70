import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// A file of `Tests/Golden/files`.
func fixture(_ name: String) -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden/files/\(name)")
}

@Suite struct HDF5Tests {
  let scratch = Scratch()
  let kinds = fixture("hdf5/kinds.h5")

  private func ramp(_ count: Int, whole: Bool) -> [Double] {
    (0..<count).map { (index: Int) -> Double in
      let value = Double(index) / 4 - 1
      return whole ? value.rounded(.down) : value
    }
  }

  @Test func everyKindOfNumberThatH5pyWritesIsRead() throws {
    let numbers = try HDF5File(contentsOf: kinds).root.group("numbers")
    for name in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "big_f8", "big_i4"] {
      let data = try numbers.dataset(name)
      #expect(data.shape == [2, 3])
      #expect(try data.read(Double.self) == ramp(6, whole: name.contains(/i\d/)), "\(name)")
    }
    #expect(try numbers.dataset("u8").read(UInt64.self).first == .max)
    #expect(try numbers.dataset("u1").read(Int.self) == [255, 255, 255, 255, 0, 0])
    #expect(try numbers.dataset("f2").read(Float16.self) == [-1, -0.75, -0.5, -0.25, 0, 0.25])
    #expect(try numbers.dataset("f2").element == .float(bytes: 2))
    #expect(try numbers.dataset("bool").read(UInt8.self) == [1, 0, 1])
    #expect(try numbers.dataset("scalar").readNumber(Float.self) == 2.5)
    #expect(try numbers.dataset("scalar").shape == [])
    #expect(try numbers.dataset("empty").read(Float.self) == [] && numbers.dataset("empty").shape == [0, 3])
    #expect(try numbers.dataset("null").read(Float.self) == [])
    #expect(try numbers.dataset("deep").read(Double.self) == ramp(120, whole: false))
    #expect(try numbers.dataset("complex").read(Float.self, field: "i") == [2, -4])
    #expect(try numbers.dataset("packed").read(Double.self) == ramp(700, whole: false))
    let records = try HDF5File(contentsOf: kinds).root.dataset("records")
    #expect(records.element == .record(["x", "y", "t", "p"]))
    #expect(try records.read(Int.self, field: "t") == [10, 20, 1 << 40])
    #expect(try records.read(UInt8.self, field: "p", in: [1..<3]) == [0, 1])
  }

  @Test func partsAreRead() throws {
    let root = try HDF5File(contentsOf: kinds).root
    let packed = try root.dataset("numbers/packed")
    let rows = try packed.read(Double.self, in: [20..<40])
    #expect(rows == Array(ramp(700, whole: false)[140..<280]))
    let deep = try root.dataset("numbers/deep").read(Double.self, in: [1..<2, 0..<3, 2..<3])
    let places: [Int] = (0..<3).flatMap { row in (0..<5).map { 70 + row * 20 + $0 } }
    #expect(deep == places.map { Double($0) / 4 - 1 })
    #expect(try packed.read(Double.self, in: [5..<5]).isEmpty)
    for wrong in [[90..<101], [-1..<2], [0..<1, 0..<1, 0..<1]] {
      #expect(
        message { _ = try packed.read(Double.self, in: wrong) }.contains("lies outside of shape [100, 7]"))
    }
  }

  @Test func textsRowsAndAttributesAreRead() throws {
    let root = try HDF5File(contentsOf: kinds).root
    #expect(try root.dataset("texts/variable").readTexts() == ["null", "eins", "zwölf", ""])
    #expect(try root.dataset("texts/variable").readTexts(in: [1..<3]) == ["eins", "zwölf"])
    #expect(try root.dataset("texts/fixed").readTexts() == ["zero", "one", "seventeen"])
    #expect(try root.dataset("texts/scalar").readText() == "Grüße")
    #expect(try root.dataset("texts/table").readTexts(in: [0..<2, 1..<2]) == ["b", "d"])
    #expect(try root.dataset("rows/half").readRows(Float.self) == [[0.5, 1.25], [], [3]])
    #expect(try root.dataset("rows/half").element == .rows(of: .float(bytes: 2)))
    #expect(try root.dataset("rows/whole").readRows(Int.self, rows: 1..<2) == [[70000]])
    #expect(try root.attributeNames() == ["bytes", "matrix", "names", "on", "title", "version"])
    #expect(try root.textAttribute("title") == ["made by h5py"] && root.textAttribute("bytes") == ["fixed"])
    #expect(try root.textAttribute("names") == ["a", "bc"])
    #expect(try root.attribute("version", as: Int.self) == [7])
    #expect(try root.attribute("matrix", as: Float.self) == [-1, -0.75, -0.5, -0.25])
    #expect(try root.attributeShape("matrix").shape == [2, 2])
    #expect(try root.attribute("on", as: Int8.self) == [1])
    #expect(try root.dataset("numbers/f4").textAttribute("unit") == ["mV"])
    #expect(try root.names().contains("link") && root.member("link") == .dataset)
    #expect(try root.member("dangling") == .other && root.member("outside") == .other)
    #expect(try root.member("nothing/at/all") == nil && root.member("texts") == .group)
  }

  @Test func numbersNeverChangeSilently() throws {
    let numbers = try HDF5File(contentsOf: kinds).root.group("numbers")
    let cases: [(String, (HDF5Dataset) throws -> Void)] = [
      ("too_large", { _ = try $0.read(Int8.self) }), ("too_large", { _ = try $0.read(UInt64.self) }),
      ("fractions", { _ = try $0.read(Int.self) }), ("special", { _ = try $0.read(Int.self) }),
      ("special", { _ = try $0.read(Float.self) }), ("u8", { _ = try $0.read(Int.self) }),
    ]
    for (name, body) in cases {
      let said = message { try body(numbers.dataset(name)) }
      #expect(
        said.contains("kinds.h5") && said.contains(name) && said.contains("cannot be read as"), "\(said)")
    }
    #expect(try numbers.dataset("special").read(Double.self).prefix(2) == [.infinity, -.infinity])
    let root = try HDF5File(contentsOf: kinds).root
    #expect(message { _ = try root.attribute("matrix", as: Int.self) }.contains("which is no Int"))
    #expect(message { _ = try root.dataset("texts/fixed").read(Int.self) }.contains("not numbers"))
    #expect(message { _ = try root.dataset("numbers/f4").readTexts() }.contains("holds float32, not text"))
    #expect(message { _ = try root.dataset("numbers/f4").readRows(Int.self) }.contains("not rows of numbers"))
    #expect(message { _ = try root.dataset("numbers") }.contains("'numbers' is no dataset"))
    #expect(message { _ = try root.group("nowhere") }.contains("holds no group 'nowhere'; it holds"))
    #expect(message { _ = try root.dataset("numbers/lzf").read(Int.self) }.contains("lzf"))
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let url = scratch.url.appendingPathComponent("made.h5")
    let many = (0..<20_000).map { Int32($0 % 100) }
    try HDF5File.write(to: url) { root in
      try root.write([1.5, -2, 3, 4], shape: [2, 2], to: "a/b/values")
      try root.write(many, shape: [200, 100], to: "a/packed", storage: .packed(chunk: [50, 100]))
      try root.write([UInt8](), to: "nothing", storage: .packed())
      try root.write([Float16(0.5)], shape: [], to: "half")
      try root.write(rows: [[1, 2], [], [3]] as [[UInt16]], to: "rows")
      try root.write(rows: [[], []] as [[Float]], to: "empty_rows")
      try root.write(["eins", "zwölf"], to: "texts")
      try root.write(["a", "bcd"], to: "fixed", fixedLength: 3)
      try root.write("Cajal", to: "a/name")
      let group = try root.createGroup("c")
      try group.setAttribute("unit", "mV")
      try group.setAttribute("rate", [30_000.5])
      try group.setAttribute("shape", [1, 2, 3])
    }
    let root = try HDF5File(contentsOf: url).root
    #expect(try root.dataset("a/b/values").read(Double.self) == [1.5, -2, 3, 4])
    #expect(try root.dataset("a/packed").read(Int32.self) == many)
    #expect(try root.dataset("nothing").read(UInt8.self) == [])
    #expect(try root.dataset("half").readNumber(Float16.self) == 0.5)
    #expect(try root.dataset("rows").readRows(Int.self) == [[1, 2], [], [3]])
    #expect(try root.dataset("empty_rows").readRows(Float.self) == [[], []])
    #expect(try root.dataset("texts").readTexts() == ["eins", "zwölf"])
    #expect(try root.dataset("fixed").readTexts() == ["a", "bcd"])
    #expect(try root.dataset("a/name").readText() == "Cajal")
    #expect(try root.names() == ["a", "c", "empty_rows", "fixed", "half", "nothing", "rows", "texts"])
    #expect(try root.group("c").attribute("shape", as: Int.self) == [1, 2, 3])
    #expect(try root.group("c").attribute("rate", as: Double.self) == [30_000.5])
    let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as! Int
    #expect(size < 40_000, "80 000 bytes of numbers were packed into \(size)")
    let said = message { try HDF5File.write(to: url) { try $0.write(["abcd"], to: "x", fixedLength: 3) } }
    #expect(said.contains("made.h5") && said.contains("too long"))
    #expect(try HDF5File(contentsOf: url).root.contains("half"), "a failed write leaves the old file")
  }

  @Test func hostileFilesAreRefused() throws {
    let root = try HDF5File(contentsOf: fixture("hdf5/hostile.h5")).root
    #expect(message { _ = try root.dataset("external") }.contains("lies in other files"))
    #expect(message { _ = try root.dataset("virtual") }.contains("lies in other files"))
    #expect(message { _ = try root.dataset("sparse").read(Float.self) }.contains("more than a file of"))
    #expect(try root.dataset("sparse").read(Float.self, in: [3..<4, 0..<5]) == [0, 0, 0, 0, 0])
    #expect(message { _ = try root.dataset("huge_chunk") }.contains("a chunk promises"))
    #expect(try root.group("loop/loop/loop").names() == root.names())
    #expect(
      message { _ = try HDF5File(contentsOf: kinds).root.group("outside") }.contains("cannot be opened"))
    #expect(message { _ = try HDF5File(contentsOf: scratch.url) }.contains("there is no file"))
    let text = scratch.write("text.h5", Array("no HDF5 at all".utf8))
    #expect(message { _ = try HDF5File(contentsOf: text) }.contains("text.h5 cannot be read as an HDF5 file"))
    let whole = try [UInt8](Data(contentsOf: kinds))
    let cut = scratch.write("cut.h5", Array(whole.prefix(whole.count / 2)))
    #expect(message { _ = try HDF5File(contentsOf: cut) }.contains("truncated file"))
  }

  @Test func damagedReferencesToRowsAreFound() throws {
    let url = scratch.url.appendingPathComponent("rows.h5")
    try HDF5File.write(to: url) { try $0.write(rows: [[1, 2, 3], [4]] as [[Int64]], to: "rows") }
    let good = try [UInt8](Data(contentsOf: url))
    let heap = try #require(good.indices.first { good[$0...].starts(with: "GCOL".utf8) })
    let address = withUnsafeBytes(of: UInt64(heap)) { Array($0) }
    let place = try #require(good.indices.first { good[$0...].starts(with: [3, 0, 0, 0] + address) })
    for (offset, value) in [(0, UInt8(2)), (0, 200), (3, 127), (5, 3), (12, 9)] {
      var bad = good
      bad[place + offset] = value
      let said = message {
        _ = try HDF5File(contentsOf: scratch.write("bad.h5", bad)).root.dataset("rows").readRows(Int.self)
      }
      #expect(said.contains("bad.h5, dataset '/rows'") && said != "nothing was thrown", "\(said)")
    }
  }

  @Test func damagedReferencesOfAttributesAreFound() throws {
    let url = scratch.url.appendingPathComponent("texts.h5")
    try HDF5File.write(to: url) { root in
      try root.setAttribute("unit", "millivolt")
      try root.write(["", "ab"], to: "texts")
    }
    let good = try [UInt8](Data(contentsOf: url))
    let heap = try #require(good.indices.first { good[$0...].starts(with: "GCOL".utf8) })
    let address = withUnsafeBytes(of: UInt64(heap)) { Array($0) }
    let place = try #require(good.indices.first { good[$0...].starts(with: [9, 0, 0, 0] + address) })
    for (offset, value) in [(0, UInt8(5)), (2, 255), (5, 99), (12, 200)] {
      var bad = good
      bad[place + offset] = value
      let said = message {
        _ = try HDF5File(contentsOf: scratch.write("bad.h5", bad)).root.textAttribute("unit")
      }
      #expect(said.contains("bad.h5, attribute 'unit'"), "\(said)")
    }
    // A heap whose objects do not follow each other would keep the library busy for ever.
    var bad = good
    bad[heap + 16 + 8] = 40
    let said = message {
      _ = try HDF5File(contentsOf: scratch.write("bad.h5", bad)).root.textAttribute("unit")
    }
    #expect(said.contains("bad.h5") && said != "nothing was thrown", "\(said)")
    #expect(try HDF5File(contentsOf: url).root.dataset("texts").readTexts() == ["", "ab"])
  }

  @Test func referencesAreFollowed() throws {
    let root = try HDF5File(contentsOf: fixture("hdf5/references.h5")).root
    #expect(try root.dataset("table").readReferences() == ["/c", "/a/b", "/a"])
    #expect(try root.dataset("c").referenceAttribute("table") == ["/a/b"])
    #expect(message { _ = try root.dataset("broken").readReferences() }.contains("reference 0 names nothing"))
    #expect(message { _ = try root.dataset("c").readReferences() }.contains("holds float64, not references"))
  }

  @Test func manyThreadsMayRead() throws {
    let root = try HDF5File(contentsOf: kinds).root
    let kinds = kinds
    let sums = try parallelMap(
      200,
      throwing: { _ in
        try HDF5File(contentsOf: kinds).root.dataset("numbers/packed").read(Double.self).reduce(0, +)
          + root.dataset("numbers/deep").read(Double.self).reduce(0, +)
      })
    #expect(Set(sums).count == 1)
  }
}
