import CTorch
import Foundation
import Support

/// Files of PyTorch's `torch.save`: archives (since 1.6) and the older streams of pickles.
///
/// Dictionaries and lists inside each other become dotted paths: `state_dict.conv1.weight`. What is no tensor is left
/// out. Nothing in the file is executed.
public enum TorchFile {
  /// - Throws: `CajalError` naming the file; one that asks for anything but tensors and containers is refused.
  public static func read(_ url: URL) throws -> NamedTensors {
    let file = try MappedFile(url)
    let head = file.bytes.prefix(4).map { $0 }
    if head.starts(with: [0x50, 0x4B]) { return try readArchive(url) }
    guard head.count == 4, head[0] == 0x80 else { throw CajalError("\(url.path) is no file of torch.save") }
    return try readStream(file)
  }

  private static func readArchive(_ url: URL) throws -> NamedTensors {
    let archive = try ZipArchive(url)
    guard let pickle = archive.names.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) else {
      throw CajalError("\(archive.path) is no file of torch.save: it holds no data.pkl")
    }
    let root = String(pickle.dropLast("data.pkl".count))
    if archive.names.contains(root + "byteorder"), try archive.read(root + "byteorder") == Array("big".utf8) {
      throw CajalError("\(archive.path) was written on a big-endian machine, which is not supported")
    }
    let value = try archive.read(pickle).withUnsafeBytes { bytes in
      var unpickler = Unpickler(bytes, path: "\(archive.path)/data.pkl")
      return try unpickler.read()
    }
    return try tensors(in: value, archive.path) { storage in
      let bytes = try archive.read("\(root)data/\(storage.key)")
      guard bytes.count == storage.count * storage.type.width else {
        throw CajalError(
          "\(archive.path): storage \(storage.key) has \(bytes.count) bytes for \(storage.count) \(storage.type)"
        )
      }
      return bytes.withUnsafeBytes { Tensor(copying: $0, shape: [storage.count], type: storage.type) }
    }
  }

  /// The number with which the older form starts; it has ten bytes, of which a `Double` keeps the first seven.
  private static let magic = 0x1.950a86a20f947p76

  /// The older form: magic number, protocol, machine, the object, the keys of its storages, then their elements.
  private static func readStream(_ file: MappedFile) throws -> NamedTensors {
    var unpickler = Unpickler(UnsafeRawBufferPointer(file.bytes), path: file.path)
    guard case .double(let found) = try unpickler.read(), abs(found - magic) < 1e9 else {
      throw CajalError("\(file.path) is a pickle, but not one of torch.save")
    }
    guard try unpickler.read().int == 1001 else {
      throw CajalError("\(file.path): torch.save's protocol is not 1001")
    }
    _ = try unpickler.read()
    let value = try unpickler.read()
    guard let keys = try unpickler.read().tuple?.compactMap(\.string) else {
      throw CajalError("\(file.path): the list of storages cannot be read")
    }
    var described: [String: PickleStorage] = [:]
    var visits = 0
    try visit(value, file.path, &visits) { described[$1.storage.key] = $1.storage }
    var places: [String: Range<Int>] = [:]
    var offset = unpickler.offset
    for key in keys {
      guard let storage = described[key] else {
        throw CajalError("\(file.path): storage \(key) belongs to no tensor")
      }
      let size = storage.count.multipliedReportingOverflow(by: storage.type.width)
      guard !size.overflow, size.partialValue <= file.bytes.count - offset - 8,
        file.bytes.loadUnaligned(fromByteOffset: offset, as: Int.self) == storage.count
      else { throw CajalError("\(file.path) ends or goes wrong at byte \(offset), in storage \(key)") }
      places[key] = offset + 8..<offset + 8 + size.partialValue
      offset += 8 + size.partialValue
    }
    return try tensors(in: value, file.path) { storage in
      guard let place = places[storage.key] else {
        throw CajalError("\(file.path) lacks storage \(storage.key)")
      }
      return file.tensor(place, storage.type, [storage.count])
    }
  }

  /// All tensors with their paths; each storage is read once and shared.
  private static func tensors(in value: PickleValue, _ path: String, _ load: (PickleStorage) throws -> Tensor)
    throws
    -> NamedTensors
  {
    var storages: [String: Tensor] = [:]
    var found: NamedTensors = []
    var visits = 0
    try visit(value, path, &visits) { name, tensor in
      let storage = try storages[tensor.storage.key] ?? load(tensor.storage)
      storages[tensor.storage.key] = storage
      guard storage.count == tensor.storage.count else {
        throw CajalError("\(path): storage \(tensor.storage.key) is described with different sizes")
      }
      found.append((name, storage.strided(tensor.shape, strides: tensor.strides, offset: tensor.offset)))
    }
    return found
  }

  private static func visit(
    _ value: PickleValue, _ path: String, _ visits: inout Int, name: String = "", depth: Int = 0,
    _ body: (String, PickleTensor) throws -> Void
  ) throws {
    visits += 1
    // Containers that hold each other, or one twice at every level, would never end.
    guard depth < 64, visits < 10_000_000 else { throw CajalError("\(path) nests containers without end") }
    func step(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
    switch value {
    case .tensor(let tensor): try body(name.isEmpty ? "tensor" : name, tensor)
    case .dictionary(let dictionary):
      for entry in dictionary.entries {
        guard let key = entry.key.string ?? entry.key.int.map(String.init) else { continue }
        try visit(entry.value, path, &visits, name: step(key), depth: depth + 1, body)
      }
    case .list, .tuple:
      for (index, item) in value.tuple!.enumerated() {
        try visit(item, path, &visits, name: step("\(index)"), depth: depth + 1, body)
      }
    default: break
    }
  }
}

extension Tensor {
  /// A view with its own shape, strides and offset, in elements; the caller has checked that it lies inside.
  func strided(_ shape: [Int], strides: [Int], offset: Int) -> Tensor {
    Tensor(ct_as_strided(raw, shape.int64, strides.int64, Int32(shape.count), Int64(offset)), #function, self)
  }
}
