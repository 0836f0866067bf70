import CHDF5
import Foundation
import Support

/// The functions of the C library, to be called within ``HDF5Library`` alone.
///
/// Whatever is named here is used behind the opening of a file, which has checked that the library is there.
var hdf5: ch5_library {
  guard let library = HDF5Library.loaded.library else { preconditionFailure("no HDF5 file was opened") }
  return library.pointee
}

/// The way to the C library, which is not thread-safe: every call is made while holding one lock.
enum HDF5Library {
  private static let lock = NSRecursiveLock()

  /// The library, or what stands against loading it.
  nonisolated(unsafe) fileprivate static let loaded: (library: UnsafePointer<ch5_library>?, problem: String) =
    {
      var problem = [CChar](repeating: 0, count: 1_024)
      let library = ch5_load(&problem, problem.count)
      return (library, problem.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }()

  /// Lets `body` call the library, alone.
  static func alone<Value>(_ body: () throws -> Value) rethrows -> Value {
    lock.lock()
    defer { lock.unlock() }
    // Each thread has an error stack of its own where the library was built for threads.
    ch5_be_silent()
    return try body()
  }

  /// The result of a call, whose negative numbers are failures.
  ///
  /// - Throws: `CajalError` with `what` and the library's innermost reason.
  @discardableResult
  static func check<Number: SignedInteger>(_ what: @autoclosure () -> String, _ body: () -> Number) throws
    -> Number
  {
    guard loaded.library != nil else { throw CajalError("\(what()): \(loaded.problem)") }
    return try alone {
      let result = body()
      guard result >= 0 else { throw CajalError("\(what())\(lastReason())") }
      return result
    }
  }

  /// What the library says of its last failure, with a colon before it.
  private static func lastReason() -> String {
    let reason = withUnsafeBytes(of: ch5_last_error()) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return reason.isEmpty ? "" : ": \(reason)"
  }
}

/// Owns one identifier of the library: a file, group, dataset, type, space, attribute or list of properties.
final class HDF5Handle: @unchecked Sendable {
  let id: hid_t

  /// Takes over what `body` opens.
  ///
  /// - Throws: `CajalError` with `what` and the library's reason.
  init(_ what: @autoclosure () -> String, _ body: () -> hid_t) throws {
    id = try HDF5Library.check(what(), body)
  }

  deinit { _ = HDF5Library.alone { hdf5.H5Idec_ref(id) } }
}

/// A file that is open: what every object in it needs.
final class HDF5Source: Sendable {
  let handle: HDF5Handle
  let path: String
  /// Bytes on disk when the file was opened; nil while it is being written.
  let size: Int?
  /// Keeps links inside the file.
  let linkAccess: HDF5Handle

  init(_ handle: HDF5Handle, path: String, size: Int?) throws {
    self.handle = handle
    self.path = path
    self.size = size
    linkAccess = try HDF5Handle("HDF5") { hdf5.H5Pcreate(hdf5.linkAccess) }
    try HDF5Library.check("HDF5") { ch5_stay_in_file(linkAccess.id) }
  }

  /// What deflate can pack at most, and what is read without a doubt.
  private static let largestRatio = 1_100
  private static let alwaysAllowed = 64 << 20

  /// The bytes of `count` elements, unless the file is far too small to hold so many.
  ///
  /// Asked before every allocation, so that a damaged header cannot fill the memory.
  func bytes(_ count: Int, of width: Int, _ what: String) throws -> Int {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: max(width, 1))
    let (limit, huge) = (size ?? .max).multipliedReportingOverflow(by: Self.largestRatio)
    guard !overflow, bytes <= max(huge ? .max : limit, Self.alwaysAllowed) else {
      throw CajalError(
        "\(what) promises \(count) elements of \(width) bytes, more than a file of \(size ?? 0) bytes can hold"
      )
    }
    return bytes
  }
}
