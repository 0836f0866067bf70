import CQuantised
import Foundation
import Synchronization

/// Threads that do one piece of work together and meet at barriers inside it: a token is a few milliseconds with 150 of them.
final class ThreadTeam: @unchecked Sendable {
  let count: Int
  private let meeting: UnsafeMutablePointer<Int32> = .aligned(4)
  /// How many pieces of work were given out; negative to end.
  private let round = Atomic<Int>(0)
  private let condition = NSCondition()
  private var sleeping = 0
  private var work: ((Int) -> Void)?

  init(_ count: Int) {
    precondition(count > 0, "a team of \(count) threads")
    self.count = count
    meeting.update(repeating: 0, count: 4)
    for index in 1..<max(1, count) {
      let member = Member(self, index)
      let thread = Thread { member.live() }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// Ends the threads; the team must not be used again.
  func dismiss() {
    round.store(-1, ordering: .releasing)
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Runs `body` on every thread, the caller's being number 0, and returns when all are done.
  func run(_ body: @escaping (Int) -> Void) {
    guard count > 1 else { return body(0) }
    work = body
    round.wrappingAdd(1, ordering: .sequentiallyConsistent)
    condition.lock()
    if sleeping > 0 { condition.broadcast() }
    condition.unlock()
    body(0)
    barrier()
    work = nil
  }

  /// Waits until every thread of the running work has come here.
  @inline(__always)
  func barrier() { if count > 1 { cajal_meet(meeting, Int32(count)) } }

  /// The part of a thread that outlives the work: it keeps no team alive.
  private final class Member: @unchecked Sendable {
    private unowned(unsafe) let team: ThreadTeam
    private let index: Int

    init(_ team: ThreadTeam, _ index: Int) { (self.team, self.index) = (team, index) }

    func live() {
      var seen = 0
      while true {
        let round = team.next(after: seen)
        guard round >= 0 else { return team.leave() }
        seen = round
        team.work?(index)
        team.barrier()
      }
    }
  }

  private let left = Atomic<Int>(0)
  private func leave() { left.wrappingAdd(1, ordering: .releasing) }

  /// The number of the next piece of work; spins for a moment, then sleeps.
  private func next(after seen: Int) -> Int {
    for _ in 0..<5_000 {
      let round = round.load(ordering: .acquiring)
      if round != seen { return round }
      cajal_pause()
    }
    condition.lock()
    defer { condition.unlock() }
    sleeping += 1
    defer { sleeping -= 1 }
    while true {
      let round = round.load(ordering: .sequentiallyConsistent)
      if round != seen { return round }
      condition.wait()
    }
  }

  deinit {
    dismiss()
    while left.load(ordering: .acquiring) < count - 1 { sched_yield() }
    free(meeting)
  }
}
