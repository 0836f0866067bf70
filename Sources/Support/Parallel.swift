import CVector
import Dispatch
import Foundation
import Synchronization

/// How many threads Cajal's own loops and libtorch use.
public enum Threads {
  private static let chosen = Atomic<Int>(0)

  /// The number of threads; all cores unless set, or `CAJAL_THREADS`.
  public static var count: Int {
    get {
      let value = chosen.load(ordering: .relaxed)
      if value > 0 { return value }
      let fromEnvironment = ProcessInfo.processInfo.environment["CAJAL_THREADS"].flatMap { Int($0) }
      let resolved = max(1, fromEnvironment ?? ProcessInfo.processInfo.activeProcessorCount)
      chosen.store(resolved, ordering: .relaxed)
      return resolved
    }
    set {
      precondition(newValue > 0, "the number of threads must be positive, not \(newValue)")
      chosen.store(newValue, ordering: .relaxed)
    }
  }
}

/// Runs `body` for every index below `count`, split over ``Threads/count`` threads.
///
/// The one place where Cajal's loops meet the cores; inside itself it runs index by index. Results must not depend on the order; give every
/// index its own generator through ``RandomGenerator/split(_:)``.
public func parallelFor(_ count: Int, _ body: @Sendable (Int) -> Void) {
  // Inside such a loop the cores are busy already.
  guard count > 1, Threads.count > 1, cajal_get_nested() == 0 else {
    for index in 0..<count { body(index) }
    return
  }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(Threads.count, count)) { _ in
    cajal_set_nested(1)
    defer { cajal_set_nested(0) }
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}

/// Maps every index below `count` in parallel; results stand in order of index.
public func parallelMap<Value: Sendable>(
  _ count: Int, _ body: @Sendable (Int) -> Value
) -> [Value] {
  [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
    let base = SendableAddress(buffer.baseAddress)
    parallelFor(count) { index in
      (base.pointer! + index).initialize(to: body(index))
    }
    initialized = count
  }
}

/// As ``parallelMap(_:_:)`` for work that can fail: the error of the lowest failing index is thrown.
public func parallelMap<Value: Sendable>(
  _ count: Int, throwing body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  try parallelMap(count) { index in Result { try body(index) } }.map { try $0.get() }
}

/// A pointer that the caller vouches for across threads: each index writes its own element.
public struct SendableAddress<Pointee>: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Pointee>?
  public init(_ pointer: UnsafeMutablePointer<Pointee>?) { self.pointer = pointer }
}
