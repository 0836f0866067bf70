import Foundation
import Synchronization

/// Where threads wait for each other; they spin, then yield.
final class SpinBarrier: Sendable {
  private let parties: Int
  private let arrived = Atomic<Int>(0)
  private let phase = Atomic<Int>(0)

  init(_ parties: Int) { self.parties = parties }

  @inline(__always)
  func wait() {
    guard parties > 1 else { return }
    let current = phase.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == parties {
      arrived.store(0, ordering: .relaxed)
      phase.add(1, ordering: .releasing)
      return
    }
    var turns = 0
    while phase.load(ordering: .acquiring) == current {
      turns += 1
      if turns > 4000 { sched_yield() }
    }
  }
}
