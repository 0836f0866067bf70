import Foundation
import Support

/// Tensors under names, in the order of their file: what ``Module/load(_:strict:)`` takes.
public typealias NamedTensors = [(name: String, tensor: Tensor)]

/// Weights and arrays in and out, whatever their format.
public enum TensorFile {
  public enum Format: String, Sendable {
    case safetensors
    case npy
    case npz
    /// PyTorch's `torch.save`, as a zip archive (1.6 and later) or a stream of pickles.
    case torch
  }

  /// Reads a file of any known format, told by its content.
  ///
  /// A lone array (NPY) is named after the file.
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public static func read(_ url: URL) throws -> NamedTensors {
    switch try format(of: url) {
    case .safetensors: try Safetensors(url).tensors
    case .npy: [(url.deletingPathExtension().lastPathComponent, try NPY.read(url))]
    case .npz: try NPZ.read(url)
    case .torch: try TorchFile.read(url)
    }
  }

  /// Writes tensors in the format that the extension names: `safetensors`, `npz`, or `npy` for a single one.
  ///
  /// - Throws: `CajalError` naming the path; an existing file is untouched then.
  public static func write(_ tensors: NamedTensors, to url: URL) throws {
    switch url.pathExtension {
    case "safetensors": try Safetensors.write(tensors, to: url)
    case "npz": try NPZ.write(tensors, to: url)
    case "npy" where tensors.count == 1: try NPY.write(tensors[0].tensor, to: url)
    default:
      throw CajalError(
        "\(url.path): \(tensors.count) tensors can be written as .safetensors or .npz\(tensors.count == 1 ? " or .npy" : "")"
      )
    }
  }

  /// The format of a file, from its first bytes.
  public static func format(of url: URL) throws -> Format {
    let file = try MappedFile(url)
    let head = file.bytes.prefix(10).map { $0 }
    if head.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if head.starts(with: [0x50, 0x4B]) {
      return try ZipArchive(url).names.contains { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }
        ? .torch : .npz
    }
    if head.count == 10, head[0] == 0x80, (2...5).contains(head[1]) { return .torch }
    if head.count == 10, head[8] == UInt8(ascii: "{") { return .safetensors }
    throw CajalError("\(url.path) is neither safetensors, NPY, NPZ nor a PyTorch file")
  }
}
