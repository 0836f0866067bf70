import CZip
import Foundation
import Support

/// Reads a zip archive entry by entry.
public final class ZipArchive {
  private let handle: OpaquePointer
  public let path: String
  /// The names of the entries, in their order.
  public let names: [String]

  /// - Throws: `CajalError` naming the file when it is missing or no archive.
  public init(_ url: URL) throws {
    path = url.path
    var code: Int32 = 0
    guard let opened = zip_open(path, Int32(ZIP_RDONLY), &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw CajalError("cannot read the archive \(path): \(String(cString: zip_error_strerror(&error)))")
    }
    handle = opened
    names = (0..<zip_get_num_entries(opened, 0)).map { index in
      zip_get_name(opened, zip_uint64_t(index), 0).map { String(cString: $0) } ?? ""
    }
  }

  deinit { zip_discard(handle) }

  /// The unpacked bytes of an entry.
  ///
  /// - Throws: `CajalError` naming archive and entry when it is missing, damaged (its checksum is tested) or promises
  ///   more bytes than its packed size can hold.
  public func read(_ name: String) throws -> [UInt8] {
    guard let index = names.firstIndex(of: name) else { throw CajalError("\(path) holds no entry '\(name)'") }
    var status = zip_stat_t()
    zip_stat_index(handle, zip_uint64_t(index), 0, &status)
    // Deflate packs at most 1032 to 1; what promises more would only fill the memory.
    guard status.size <= 1_100 * status.comp_size + 1_024,
      let file = zip_fopen_index(handle, zip_uint64_t(index), 0)
    else { throw CajalError("entry '\(name)' of \(path) is damaged") }
    defer { zip_fclose(file) }
    let size = Int(status.size)
    var got = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while got < size {
        let step = zip_fread(file, buffer.baseAddress! + got, zip_uint64_t(size - got))
        guard step > 0 else { break }
        got += Int(step)
      }
      initialized = got
    }
    var last: UInt8 = 0
    // Reading on to the end is what makes libzip compare the checksum.
    guard got == size, zip_fread(file, &last, 1) == 0 else {
      throw CajalError("entry '\(name)' of \(path) is damaged: \(got) of \(size) bytes could be read")
    }
    return bytes
  }

  /// Writes an archive whose entries are stored as they are, unless `compressed`.
  ///
  /// - Throws: `CajalError` naming the path.
  public static func write(_ entries: [(name: String, bytes: [UInt8])], compressed: Bool = false, to url: URL)
    throws
  {
    try AtomicFile.write(to: url) { temporary in
      guard let archive = zip_open(temporary.path, Int32(ZIP_CREATE | ZIP_TRUNCATE), nil) else {
        throw CajalError("the archive cannot be created")
      }
      var failed = false
      // The buffers must outlive zip_close, which reads them.
      let kept = entries.map { entry -> UnsafeMutableRawBufferPointer in
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: entry.bytes.count, alignment: 16)
        copy.copyBytes(from: entry.bytes)
        return copy
      }
      defer { for buffer in kept { buffer.deallocate() } }
      for (entry, buffer) in zip(entries, kept) {
        let source = zip_source_buffer(archive, buffer.baseAddress, zip_uint64_t(buffer.count), 0)
        let index = zip_file_add(
          archive, entry.name, source, zip_flags_t(ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8))
        let method = compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE
        failed = failed || index < 0
        if index >= 0 { zip_set_file_compression(archive, zip_uint64_t(index), method, 0) }
      }
      guard !failed, zip_close(archive) == 0 else {
        let reason = String(cString: zip_strerror(archive))
        zip_discard(archive)
        throw CajalError(reason)
      }
    }
  }
}
