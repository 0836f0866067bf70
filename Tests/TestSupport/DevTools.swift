import Foundation
import Support

/// Chromium's DevTools protocol over a pair of pipes: JSON messages that end with a zero byte.
final class DevTools {
  private let process = Process()
  private let folder: URL
  private let requests, answers: Int32
  private var buffer: [UInt8] = []
  private var next = 0
  private(set) var console: [String] = []
  /// How many pages have loaded.
  private(set) var loads = 0

  init(program: String) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "cajal-browser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (into, out) = (folder.path + "/in", folder.path + "/out")
    guard mkfifo(into, 0o600) == 0, mkfifo(out, 0o600) == 0 else {
      throw CajalError("cannot make pipes in \(folder.path)")
    }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // Chromium expects its pipes as descriptors 3 and 4, which the shell can give.
    process.arguments = [
      "-c", "exec \"$0\" \"$@\" 3<'\(into)' 4>'\(out)'", program, "--headless=new", "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-pipe", "--user-data-dir=\(folder.path)/profile", "--no-first-run",
      "--hide-scrollbars",
      "--allow-file-access-from-files", "about:blank",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    requests = open(into, O_WRONLY | O_CLOEXEC)
    answers = open(out, O_RDONLY | O_CLOEXEC)
    guard requests >= 0, answers >= 0 else { throw CajalError("cannot open the pipes to \(program)") }
    // A browser that has gone shows as an error, not as a signal.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    close(requests)
    close(answers)
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Sends a command and waits for its answer, for 30 seconds; what the browser tells meanwhile is kept.
  func call(_ method: String, _ parameters: [String: Any], session: String? = nil) throws -> [String: Any] {
    next += 1
    var message: [String: Any] = ["id": next, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    let data = try JSONSerialization.data(withJSONObject: message) + [0]
    try data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = write(requests, bytes.baseAddress! + sent, bytes.count - sent)
        guard count > 0 else { throw CajalError("the browser has gone before \(method)") }
        sent += count
      }
    }
    let deadline = Date(timeIntervalSinceNow: 30)
    while true {
      let answer = try receive(before: deadline, method)
      if answer["id"] as? Int == next {
        if let error = answer["error"] { throw CajalError("\(method): \(error)") }
        return answer["result"] as? [String: Any] ?? [:]
      }
      note(answer)
    }
  }

  private func receive(before deadline: Date, _ method: String) throws -> [String: Any] {
    while true {
      if let end = buffer.firstIndex(of: 0) {
        let message = Data(buffer[..<end])
        buffer.removeSubrange(...end)
        return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
      }
      var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
      let left = deadline.timeIntervalSinceNow
      guard left > 0, poll(&waiting, 1, Int32(left * 1000)) > 0 else {
        throw CajalError("the browser did not answer \(method)")
      }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = read(answers, &chunk, chunk.count)
      guard count > 0 else { throw CajalError("the browser ended during \(method)") }
      buffer += chunk[..<count]
    }
  }

  private func note(_ event: [String: Any]) {
    let parameters = event["params"] as? [String: Any] ?? [:]
    switch event["method"] as? String {
    case "Page.loadEventFired": loads += 1
    case "Runtime.exceptionThrown": console.append("exception: \(parameters)")
    case "Runtime.consoleAPICalled": console.append("console: \(parameters["args"] ?? "")")
    case "Log.entryAdded": console.append("log: \(parameters["entry"] ?? "")")
    default: break
    }
  }
}
