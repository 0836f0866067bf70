import CMPI
import Foundation
import Support

/// The processes that work on one thing together, started by `mpirun -n 4 cajal …`; each is a rank.
///
/// Nothing of MPI is loaded where a program was started otherwise. All ranks call the same methods in the same order, from
/// one thread at a time. A rank that ends with a status other than 0 ends all others: none waits for a message that will not come.
public final class Ranks: @unchecked Sendable {
  /// Which of the ranks this process is, from 0 on.
  public let index: Int
  public let count: Int
  private let buffers: ExchangeBuffers

  private init(index: Int, count: Int) {
    (self.index, self.count) = (index, count)
    buffers = ExchangeBuffers(ranks: count)
  }

  private static let world: Result<Ranks?, any Error> = Result { try join() }

  /// The ranks that this process is one of; nil if `mpirun` did not start it.
  ///
  /// - Throws: `CajalError` where MPI cannot be loaded, or the ranks do not find each other.
  public static func joined() throws -> Ranks? { try world.get() }

  private static func join() throws -> Ranks? {
    let environment = ProcessInfo.processInfo.environment
    let marks = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_SIZE", "PMI_RANK"]
    guard marks.contains(where: { environment[$0] != nil }) else { return nil }
    let path = try SharedLibrary.path(
      of: "libCajalMPI.so", beside: String(cString: cm_image()), override: "CAJAL_MPI")
    if let problem = cm_load(path) {
      throw CajalError(
        "MPI could not be loaded: \(String(cString: problem)). Cajal needs the Open MPI that it was built with: install openmpi-bin and libopenmpi-dev"
      )
    }
    var (index, count): (Int32, Int32) = (0, 0)
    try check(cm_start(&index, &count), "to start")
    if let asked = environment["PMI_SIZE"].flatMap({ Int32($0) }), asked > count {
      throw CajalError(
        "one of \(asked) processes finds itself alone: start Cajal with the mpirun of Open MPI, which it was built with"
      )
    }
    return Ranks(index: Int(index), count: Int(count))
  }

  static func check(_ code: Int32, _ what: String) throws {
    guard code != 0 else { return }
    var text = [CChar](repeating: 0, count: 256)
    cm_error(code, &text, 256)
    throw CajalError(
      "MPI failed \(what): \(text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })")
  }
}

extension Ranks {
  /// The values of every rank, in their order; ranks may give different numbers of them.
  ///
  /// - Throws: `CajalError` where MPI fails, or all values together are more than 2³¹ - 1.
  public func exchange(_ values: [Int32]) throws -> [[Int32]] {
    var all: [[Int32]] = []
    all.reserveCapacity(count)
    try values.withUnsafeBufferPointer { try exchange($0) { all.append(Array($1)) } }
    return all
  }

  /// As above, without arrays: `receive` sees the values of one rank after the other, until it returns.
  public func exchange(
    _ values: UnsafeBufferPointer<Int32>, _ receive: (_ rank: Int, UnsafeBufferPointer<Int32>) throws -> Void
  ) throws {
    try buffers.exchange(values)
    for rank in 0..<count { try receive(rank, buffers.values(of: rank)) }
  }

  /// As many numbers of every rank, in their order.
  public func all<Value: BitwiseCopyable>(_ values: [Value]) throws -> [[Value]] {
    let size = values.count * MemoryLayout<Value>.stride
    let words = (size + 3) / 4
    var mine = [Int32](repeating: 0, count: max(1, words))
    var gathered = [Int32](repeating: 0, count: mine.count * count)
    mine.withUnsafeMutableBytes { $0.copyMemory(from: values.withUnsafeBytes { UnsafeRawBufferPointer($0) }) }
    try Self.check(cm_gather_all(mine, Int32(mine.count), &gathered), "to gather")
    return gathered.withUnsafeBytes { bytes in
      (0..<count).map { rank in
        (0..<values.count).map {
          bytes.loadUnaligned(
            fromByteOffset: 4 * mine.count * rank + $0 * MemoryLayout<Value>.stride, as: Value.self)
        }
      }
    }
  }

  /// Sums over the ranks, added up in their order, so that they are the same on all.
  public func sum(_ values: [Double]) throws -> [Double] {
    let all = try all(values)
    return values.indices.map { k in all.reduce(0) { $0 + $1[k] } }
  }

  /// A sum over the ranks.
  public func sum(_ value: Int) throws -> Int { try all([value]).reduce(0) { $0 + $1[0] } }

  /// Does what every rank does alike. Where it fails on some, it fails on all, with the error of the first of them: none goes
  /// on alone and waits for the others.
  public func together<Result>(_ body: () throws -> Result) throws -> Result {
    let result = Swift.Result { try body() }
    var message: [Int32] = []
    if case .failure(let error) = result { message = "\(error)".utf8.map(Int32.init) }
    let all = try exchange(message)
    guard let first = all.firstIndex(where: { !$0.isEmpty }) else { return try result.get() }
    let text = String(decoding: all[first].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    throw CajalError(all.contains([]) ? "rank \(first): \(text)" : text)
  }

  /// Waits for all ranks.
  public func barrier() throws { try Self.check(cm_barrier(), "to wait") }

  /// What one rank has, on all of them; the others' data are not looked at.
  public func broadcast(_ data: Data, from root: Int = 0) throws -> Data {
    let size = try all([data.count])[root][0]
    var whole = index == root ? data : Data(count: size)
    try whole.withUnsafeMutableBytes { bytes in
      for start in stride(from: 0, to: size, by: Self.chunk) {
        try Self.check(
          cm_broadcast(
            bytes.baseAddress! + start, Int32(min(Self.chunk, size - start)), Int32(root)), "to broadcast")
      }
    }
    return whole
  }

  /// The data of all ranks, in their order, on rank 0; nil on others.
  public func gather(_ data: Data) throws -> [Data]? {
    let sizes = try all([data.count]).map { $0[0] }
    var all = index == 0 ? sizes.map { Data(count: $0) } : []
    // In pieces that all ranks' together can be counted by MPI.
    let piece = Self.chunk / count
    for start in stride(from: 0, to: sizes.max() ?? 0, by: piece) {
      let lengths = sizes.map { Int32(max(0, min(piece, $0 - start))) }
      let places = lengths.indices.map { rank in lengths[..<rank].reduce(0, +) }
      var received = [UInt8](repeating: 0, count: index == 0 ? lengths.reduce(0) { $0 + Int($1) } : 0)
      let mine = [UInt8](data.dropFirst(min(start, data.count)).prefix(piece))
      try Self.check(
        cm_gather(mine, lengths[index], &received, lengths, places), "to gather")
      for rank in all.indices where lengths[rank] > 0 {
        let from = Int(places[rank])
        all[rank].replaceSubrange(
          start..<start + Int(lengths[rank]), with: received[from..<from + Int(lengths[rank])])
      }
    }
    return index == 0 ? all : nil
  }

  private static var chunk: Int { 1 << 28 }
}

extension Ranks: SpikeExchange {
  var rank: Int { index }
}

extension Simulation {
  /// Builds what this rank simulates of a network: its share of every population's neurons.
  ///
  /// - Parameters:
  ///   - threads: Of each rank, the same on all.
  ///   - ranks: All give the same network. Spikes and values are then those of a rank's own neurons.
  /// - Throws: `CajalError` naming what cannot be, and why.
  public convenience init(
    _ network: Network, precision: Precision = .single, threads: Int? = nil, on ranks: Ranks
  ) throws {
    let neurons = network.populations.reduce(0) { $0 + ($1.neuronType == nil ? 0 : $1.handle.count) }
    let wanted = threads ?? max(1, min(Threads.count, neurons / (4000 * ranks.count)))
    let all = try ranks.all([wanted]).map { $0[0] }
    if threads != nil, Set(all).count > 1 {
      throw CajalError("ranks ask for different numbers of threads: \(all)")
    }
    try self.init(network, precision: precision, threads: all.min()!, exchange: ranks)
  }
}
