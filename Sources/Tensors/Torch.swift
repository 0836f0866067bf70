import CTorch
import Foundation
import Support

/// libtorch, loaded on first use.
public enum Torch {
  private static let loading: Result<Void, CajalError> = Result { () throws(CajalError) in
    let path = try SharedLibrary.path(
      of: "libCajalTorch.so", beside: String(cString: ct_image()), override: "CAJAL_TORCH")
    if let problem = ct_load(path, blas) {
      throw CajalError(
        "libtorch could not be loaded: \(String(cString: problem)). Cajal needs the libtorch that it was built with, 1.13 or newer: "
          + "install libtorch-dev, or rebuild with LIBTORCH=/path")
    }
    ct_set_threads(Int32(Threads.count))
  }

  /// OpenBLAS in its OpenMP flavour: its threads share libtorch's pool, where those of the pthread flavour
  /// fight with it.
  private static var blas: String {
    let libraries = ["libopenblas.so.0", "libblas.so.3", "liblapack.so.3"]
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map { "/usr/lib/\($0)/openblas-openmp" }
    return folders.flatMap { folder in libraries.map { "\(folder)/\($0)" } }
      .filter(FileManager.default.fileExists).joined(separator: ":")
  }

  /// Loads libtorch now.
  ///
  /// - Throws: `CajalError` that says what was found, what is needed and how to set it.
  public static func load() throws { try loading.get() }

  /// Loads libtorch or ends the program with the reason.
  @inline(__always)
  static func need() {
    if case .failure(let error) = loading { fatalError(error.message) }
  }

  /// The version of libtorch that Cajal was built with.
  public static var version: String {
    need()
    return String(cString: ct_version())
  }

  /// How many CUDA devices this libtorch sees.
  public static var cudaDeviceCount: Int {
    need()
    return Int(ct_cuda_available())
  }

  /// Applies ``Threads/count`` to libtorch after it changed.
  public static func applyThreadCount() {
    need()
    ct_set_threads(Int32(Threads.count))
  }

  /// Runs `body` with one thread inside libtorch's operations, on this thread of the program.
  ///
  /// For many small networks at once, each in an iteration of `parallelMap`: results do not depend on the number of
  /// threads then, as the order of additions in an operation does.
  public static func onOneThread<Result>(_ body: () throws -> Result) rethrows -> Result {
    need()
    // OpenMP keeps the number for each thread of the program.
    ct_set_threads(1)
    defer { ct_set_threads(Int32(Threads.count)) }
    return try body()
  }
}

/// Where a tensor lives.
public enum Device: Hashable, Sendable, CustomStringConvertible {
  case cpu
  case cuda(Int)

  var code: Int32 {
    switch self {
    case .cpu: -1
    case .cuda(let index): Int32(index)
    }
  }

  init(code: Int32) { self = code < 0 ? .cpu : .cuda(Int(code)) }

  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }
}
