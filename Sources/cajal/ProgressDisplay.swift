import Foundation
import StudyCore
import Support
import Synchronization

/// Shows progress on stderr: one line that changes on a terminal, plain lines now and then in a pipe.
final class ProgressDisplay: Sendable {
  private struct State {
    var stage = ""
    var stageStart = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
    var lineIsOpen = false
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(2) == 1

  func show(_ report: Lab.ProgressReport) {
    state.withLock { state in
      let now = ContinuousClock.now
      let isNew = report.stage != state.stage
      if isNew { (state.stage, state.stageStart) = (report.stage, now) }
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
      if let last = state.lastShown, now - last < pause, !(isNew && isTerminal) { return }
      state.lastShown = now
      let text = line(report, elapsed: now - state.stageStart)
      write(isTerminal ? "\r\u{1B}[K" + text : text + "\n")
      state.lineIsOpen = isTerminal
    }
  }

  /// Ends the changing line.
  func finish() {
    state.withLock { state in
      if state.lineIsOpen { write("\r\u{1B}[K") }
      state.lineIsOpen = false
    }
  }

  private func line(_ report: Lab.ProgressReport, elapsed: Duration) -> String {
    let seconds = elapsed.inSeconds
    var text = "\(report.stage)  \(report.completed)/\(report.total) \(report.unit)"
    if seconds > 1, report.completed > 0, report.completed < report.total {
      let rate = Double(report.completed) / seconds
      let left = Double(report.total - report.completed) / rate
      text += String(format: "  %.3g/s, %.0f s left", rate, left)
    }
    return text
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
