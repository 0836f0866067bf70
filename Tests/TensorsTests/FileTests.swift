import Foundation
import Support
import Tensors
import Testing

/// Files that NumPy, PyTorch and safetensors wrote (`Tests/Golden/make_files.py`), and our own.
@Suite struct FileTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cajal-\(UUID().uuidString)")

  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Golden/files").standardizedFileURL

  private func read(_ name: String) throws -> [String: Tensor] {
    let tensors = try TensorFile.read(Self.golden.appendingPathComponent(name))
    return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
  }

  private func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0) / 4 - 1 } }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "nothing was thrown"
  }

  @Test(arguments: ["numpy.npz", "numpy_compressed.npz"])
  func numpyArchives(_ name: String) throws {
    let arrays = try read(name)
    #expect(arrays.count == 11)
    #expect(arrays["f8"]!.shape == [2, 3] && arrays["f8"]!.doubles == ramp(6))
    #expect(arrays["f4"]!.elementType == .float32 && arrays["f4"]!.doubles == ramp(4))
    #expect(arrays["f2"]!.elementType == .float16 && arrays["f2"]!.doubles == ramp(4))
    #expect(arrays["i8"]!.integers == [-1, -1, -1] && arrays["i2"]!.integers == [-1, -1, -1, -1, 0])
    #expect(arrays["u1"]!.integers == Array(0..<6) && arrays["u2"]!.integers == [1, 65535])
    #expect(arrays["b1"]!.integers == [1, 0, 1] && arrays["c8"]!.imaginaryPart().item == 2)
    #expect(arrays["empty"]!.shape == [0, 3] && arrays["scalar"]!.item == 2.5)
  }

  @Test func numpyOrders() throws {
    #expect(try read("fortran.npy")["fortran"]!.doubles == ramp(6))
    #expect(try read("fortran.npy")["fortran"]!.shape == [2, 3])
    #expect(try read("big_endian.npy")["big_endian"]!.doubles == ramp(6))
    let said = message { _ = try read("object.npy") }
    #expect(said.contains("object.npy"), "\(said)")
  }

  @Test(arguments: ["torch.pt", "torch_legacy.pt"])
  func torchFiles(_ name: String) throws {
    let found = try read(name)
    #expect(found["state_dict.conv.weight"]!.doubles == ramp(6))
    #expect(found["state_dict.conv.bias"]!.doubles == ramp(2))
    #expect(
      found["state_dict.half"]!.elementType == .float16 && found["state_dict.bf16"]!.elementType == .bfloat16)
    #expect(found["state_dict.steps"]!.integers == [7] && found["state_dict.mask"]!.integers == [1, 0])
    let base = Tensor(ramp(24), shape: [4, 6], as: .float32)
    #expect(found["state_dict.view"]!.floats == base[1..<3, .strided(by: 2)].floats)
    #expect(found["state_dict.transposed"]!.floats == base.transposed().floats)
    #expect(found["state_dict.none"]!.shape == [0, 2])
    #expect(found["history.0"]!.count == 2 && found["history.3.0"]!.count == 1)
    #expect(found.count == 11)
  }

  @Test(arguments: ["hostile.pt", "hostile_plain.pt"])
  func hostilePicklesAreRefused(_ name: String) {
    let said = message { _ = try read(name) }
    #expect(said.contains("'posix.system'") && said.contains(name), "\(said)")
  }

  @Test func safetensorsOfTheReference() throws {
    let file = try Safetensors(Self.golden.appendingPathComponent("weights.safetensors"))
    #expect(file.metadata == ["made": "by safetensors"])
    let found = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.tensor) })
    #expect(found["a"]!.doubles == ramp(6) && found["a"]!.shape == [2, 3])
    #expect(found["b"]!.elementType == .bfloat16 && found["c"]!.integers == [1, 2, 3])
  }

  @Test(arguments: ["safetensors", "npz"])
  func roundTrips(_ format: String) throws {
    let url = folder.appendingPathComponent("deep/er.\(format)")
    var generator = RandomGenerator(seed: 3)
    let tensors: NamedTensors = [
      ("a.weight", .normal([3, 5], using: &generator)),
      ("b", .normal([2, 2, 2], .float64, using: &generator)),
      ("c", Tensor([1, 2, 3])), ("d", Tensor([true, false])), ("e", .zeros([0, 4])),
      ("f", Tensor.normal([4, 3], using: &generator).transposed()), ("g", Tensor([UInt8(7)])),
      ("h", Tensor(2.5)),
    ]
    try TensorFile.write(tensors, to: url)
    let back = try TensorFile.read(url)
    #expect(back.map(\.name) == tensors.map(\.name))
    for ((_, x), (_, y)) in zip(tensors, back) {
      #expect(x.shape == y.shape && x.elementType == y.elementType && x.doubles == y.doubles)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path).count == 1)
  }

  @Test func readTensorsCanBeChangedWithoutTouchingTheFile() throws {
    let url = folder.appendingPathComponent("x.safetensors")
    try TensorFile.write([("x", .ones([4]))], to: url)
    let tensor = try TensorFile.read(url)[0].tensor
    tensor.fill(9)
    #expect(try TensorFile.read(url)[0].tensor.doubles == [1, 1, 1, 1])
    // The map outlives the reader.
    #expect(tensor.doubles == [9, 9, 9, 9])
  }

  @Test func wrongFilesAreNamed() throws {
    let cases: [(String, [UInt8], String)] = [
      ("empty", [], "neither"), ("text", Array("hello, world, this is text".utf8), "neither"),
      ("short.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 200, 0, 0x7B, 0x7D], "header of 200 bytes"),
      ("long.safetensors", [255, 255, 255, 0, 0, 0, 0, 0, 0x7B, 0x7D], "promises a header"),
      ("gap.safetensors", header(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12), "'a'"),
      ("over.safetensors", header(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4), "'a'"),
      ("shape.safetensors", header(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8), "'a'"),
      (
        "huge.safetensors",
        header(#"{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}"#, 8), "'a'"
      ),
      ("type.safetensors", header(#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}"#, 8), "'F4'"),
      (
        "rest.safetensors", header(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8),
        "4 bytes after"
      ),
    ]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes, expected) in cases {
      let url = folder.appendingPathComponent(name)
      try Data(bytes).write(to: url)
      let said = message { _ = try TensorFile.read(url) }
      #expect(said.contains(expected) && said.contains(name), "\(name): \(said)")
    }
    #expect(message { _ = try TensorFile.read(folder) }.contains("is no file"))
    #expect(
      message {
        try TensorFile.write(
          [("a", .ones([1])), ("a", .ones([1]))], to: folder.appendingPathComponent("t.npz"))
      }.contains("same name"))
    #expect(
      message { try TensorFile.write([], to: URL(fileURLWithPath: "/proc/none/x.npz")) }.contains(
        "/proc/none/x.npz"))
  }

  private func header(_ json: String, _ elements: Int) -> [UInt8] {
    let length = UInt64(json.utf8.count)
    return withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(json.utf8)
      + [UInt8](repeating: 0, count: elements)
  }

  /// Whatever is done to a file, reading it gives tensors or an error, never a crash.
  @Test func damagedFilesNeverCrash() throws {
    var generator = RandomGenerator(seed: 11)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path).sorted()
    for name in names where !Self.golden.appendingPathComponent(name).hasDirectoryPath && name.contains(".") {
      let good = try Array(Data(contentsOf: Self.golden.appendingPathComponent(name)))
      let url = folder.appendingPathComponent(name)
      for _ in 0..<150 {
        var bytes = good
        if generator.uniform() < 0.3 { bytes.removeLast(generator.integer(below: bytes.count)) }
        for _ in 0..<generator.integer(below: 6) where !bytes.isEmpty {
          bytes[generator.integer(below: bytes.count)] = UInt8(generator.integer(below: 256))
        }
        try Data(bytes).write(to: url)
        for (_, tensor) in (try? TensorFile.read(url)) ?? [] { #expect(tensor.doubles.count == tensor.count) }
      }
    }
  }
}
