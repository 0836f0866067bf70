import Foundation
import Support

/// The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): colour pictures of 32×32.
///
/// Each record is one label byte (CIFAR-100: a coarse and a fine one), then 1,024 red, green and blue bytes. The files come
/// from the user; no package carries them.
public enum CIFAR {
  /// Reads a folder with `data_batch_1.bin` … `test_batch.bin` (CIFAR-10), or `train.bin` and `test.bin` (CIFAR-100).
  ///
  /// - Throws: `CajalError` naming the missing file, or file and offset of what is wrong.
  public static func load(_ folder: URL) throws -> (train: LabelledImages, test: LabelledImages) {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    if exists("train.bin"), exists("test.bin") {
      return (try hundred(folder, ["train.bin"], "train"), try hundred(folder, ["test.bin"], "test"))
    }
    let batches = (1...5).map { "data_batch_\($0).bin" }.filter(exists)
    guard !batches.isEmpty, exists("test_batch.bin") else {
      throw CajalError(
        "\(folder.path) holds neither data_batch_1.bin … and test_batch.bin (CIFAR-10) nor train.bin and test.bin (CIFAR-100)"
      )
    }
    return (try ten(folder, batches, "train"), try ten(folder, ["test_batch.bin"], "test"))
  }

  private static func ten(_ folder: URL, _ files: [String], _ part: String) throws -> LabelledImages {
    let names = classNames(folder, "batches.meta.txt", 10)
    return try read(files.map(folder.appendingPathComponent), "CIFAR-10, \(part)", labelBytes: 1, names)
  }

  private static func hundred(_ folder: URL, _ files: [String], _ part: String) throws -> LabelledImages {
    let names = classNames(folder, "fine_label_names.txt", 100)
    return try read(files.map(folder.appendingPathComponent), "CIFAR-100, \(part)", labelBytes: 2, names)
  }

  /// The names beside the data, or numbers.
  private static func classNames(_ folder: URL, _ file: String, _ count: Int) -> [String] {
    let text = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    let names = (text ?? "").split(whereSeparator: \.isNewline).map(String.init)
    return names.count == count ? names : (0..<count).map(String.init)
  }

  private static func read(_ files: [URL], _ name: String, labelBytes: Int, _ classes: [String]) throws
    -> LabelledImages
  {
    let record = labelBytes + 3072
    var (pixels, labels) = ([UInt8](), [Int]())
    for file in files {
      guard let data = try? Data(contentsOf: file), !data.isEmpty else {
        throw CajalError("cannot read \(file.path)")
      }
      guard data.count % record == 0 else {
        throw CajalError(
          "\(file.path) ends inside the record at byte \(data.count / record * record): it should be \(record) bytes long, \(data.count % record) are there"
        )
      }
      for start in stride(from: 0, to: data.count, by: record) {
        let label = Int(data[start + labelBytes - 1])
        guard label < classes.count else {
          throw CajalError(
            "\(file.path): byte \(start + labelBytes - 1) is label \(label), expected one below \(classes.count)"
          )
        }
        labels.append(label)
        pixels += data[(start + labelBytes)..<(start + record)]
      }
    }
    return try LabelledImages(
      name: name, channels: 3, height: 32, width: 32, pixels: pixels, labels: labels, classNames: classes,
      fingerprint: Fingerprint.ofFiles(files))
  }
}

extension LabelledImages {
  /// The user's own images: a folder in the format of MNIST or CIFAR, told by its files.
  ///
  /// - Throws: `CajalError` naming the folder and what was expected in it, or the file that is wrong.
  public static func load(_ path: String) throws -> (train: LabelledImages, test: LabelledImages) {
    let folder = URL(fileURLWithPath: path)
    guard let files = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw CajalError("there is no folder \(path)")
    }
    if files.contains(where: { $0.hasSuffix(".bin") }) { return try CIFAR.load(folder) }
    return try MNISTFolder.load(folder, name: path)
  }
}
