import Foundation
import Support

/// Folders of PNG and JPEG files, one subfolder a class.
public enum ImageFolder {
  /// Reads all pictures below `folder`, brought to one size and number of channels.
  ///
  /// Classes are the subfolders in alphabetical order; files that are no pictures are passed over by their extension.
  /// - Throws: `CajalError` naming the folder without pictures, or the file that is damaged.
  public static func load(
    _ folder: URL, width: Int, height: Int, channels: Int = 3, name: String? = nil
  ) throws -> LabelledImages {
    let classes = try subfolders(folder)
    var (files, labels) = ([URL](), [Int]())
    for (label, name) in classes.enumerated() {
      let pictures = try pictures(folder.appendingPathComponent(name))
      files += pictures
      labels += pictures.map { _ in label }
    }
    guard !files.isEmpty else {
      throw CajalError("\(folder.path) holds no subfolders with PNG or JPEG files, one a class")
    }
    let chosen = files
    let planes = try parallelMap(chosen.count) { index throws in
      planar(try Picture(contentsOf: chosen[index], channels: channels).filling(width: width, height: height))
    }
    return try LabelledImages(
      name: name ?? folder.path, channels: channels, height: height, width: width,
      pixels: planes.flatMap { $0 },
      labels: labels, classNames: classes, fingerprint: Fingerprint.ofFiles(files))
  }

  /// The PNG and JPEG files of a folder and its subfolders, in order.
  ///
  /// - Throws: `CajalError` naming a folder that there is not, or that holds none.
  public static func pictures(below folder: URL) throws -> [URL] {
    guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
      throw CajalError("there is no folder \(folder.path)")
    }
    let files = walk.compactMap { $0 as? URL }.filter(isPicture).sorted { $0.path < $1.path }
    guard !files.isEmpty else { throw CajalError("\(folder.path) holds no PNG or JPEG pictures") }
    return files
  }

  private static func isPicture(_ url: URL) -> Bool {
    ["png", "jpg", "jpeg"].contains(url.pathExtension.lowercased())
  }

  /// `[height, width, channels]` as `[channels, height, width]`.
  static func planar(_ picture: Picture) -> [UInt8] {
    (0..<picture.channels).flatMap { channel in
      stride(from: channel, to: picture.bytes.count, by: picture.channels).map { picture.bytes[$0] }
    }
  }

  private static func subfolders(_ folder: URL) throws -> [String] {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw CajalError("there is no folder \(folder.path)")
    }
    return entries.filter { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(
        atPath: folder.appendingPathComponent(name).path, isDirectory: &isFolder)
      return isFolder.boolValue && !name.hasPrefix(".")
    }.sorted()
  }

  private static func pictures(_ folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map(folder.appendingPathComponent).filter(isPicture)
  }
}
