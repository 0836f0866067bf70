import Foundation
import Support

/// Debian's Chromium without a window, spoken to through its DevTools: a page is opened, clicked, typed into and looked at as a
/// reader would.
public final class Browser {
  static let path = "/usr/bin/chromium"
  public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

  private let tools: DevTools
  private let session: String
  /// When an option was last chosen by its letters.
  private var chosen = Date.distantPast
  /// What pages wrote to the console, errors among it.
  public var console: [String] { tools.console }

  /// - Parameters:
  ///   - width: Pixels: some 390 for a phone, 1280 for a desk.
  ///   - dark: Whether the reader prefers dark pages.
  public init(width: Int = 1280, height: Int = 900, dark: Bool = false) throws {
    tools = try DevTools(program: Self.path)
    let target = try tools.call("Target.createTarget", ["url": "about:blank"])
    let attached = try tools.call(
      "Target.attachToTarget", ["targetId": target["targetId"] as? String ?? "", "flatten": true])
    session = attached["sessionId"] as? String ?? ""
    for domain in ["Page", "Runtime", "Log"] { try call("\(domain).enable") }
    try resize(width: width, height: height)
    try emulate(dark: dark)
  }

  @discardableResult
  private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    try tools.call(method, parameters, session: session)
  }

  public func resize(width: Int, height: Int = 900) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
  }

  /// As on paper, or on a screen of either scheme.
  public func emulate(print: Bool = false, dark: Bool = false) throws {
    try call(
      "Emulation.setEmulatedMedia",
      [
        "media": print ? "print" : "",
        "features": [["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]],
      ])
  }

  /// Whether scripts run in the pages opened from now on.
  public func allowScripts(_ allowed: Bool) throws {
    try call("Emulation.setScriptExecutionDisabled", ["value": !allowed])
  }

  /// Opens a page and waits until it has loaded.
  public func open(_ page: URL, fragment: String = "") throws {
    try waitingForLoad { try call("Page.navigate", ["url": page.absoluteString + fragment]) }
  }

  public func reload() throws { try waitingForLoad { try call("Page.reload") } }

  /// Goes back to the page before.
  public func back() throws {
    let history = try call("Page.getNavigationHistory")
    let entries = history["entries"] as? [[String: Any]] ?? []
    guard let current = history["currentIndex"] as? Int, current > 0,
      let entry = entries[current - 1]["id"] as? Int
    else { throw CajalError("there is no page to go back to") }
    try call("Page.navigateToHistoryEntry", ["entryId": entry])
    try wait(until: "document.readyState === 'complete'")
  }

  private func waitingForLoad(_ body: () throws -> Void) throws {
    let before = tools.loads
    try body()
    let deadline = Date(timeIntervalSinceNow: 20)
    while tools.loads == before {
      guard Date() < deadline else { throw CajalError("the page did not load within 20 s") }
      try call("Runtime.evaluate", ["expression": "1"])
    }
  }

  /// The value of an expression of the page, as text; objects as JSON.
  public func evaluate(_ expression: String) throws -> String {
    let answer = try call(
      "Runtime.evaluate",
      [
        "expression":
          "(()=>{const value=(\(expression));return typeof value==='object'?JSON.stringify(value):String(value)})()",
        "returnByValue": true,
      ])
    if let problem = answer["exceptionDetails"] { throw CajalError("\(expression.prefix(200)): \(problem)") }
    return (answer["result"] as? [String: Any])?["value"] as? String ?? ""
  }

  /// Runs statements that end with `return`.
  public func run(_ statements: String) throws -> String { try evaluate("(()=>{\(statements)})()") }

  /// Waits until an expression is true, for five seconds.
  public func wait(until expression: String) throws {
    let deadline = Date(timeIntervalSinceNow: 5)
    while try evaluate("!!(\(expression))") != "true" {
      guard Date() < deadline else { throw CajalError("this did not become true: \(expression)") }
      usleep(10_000)
    }
  }

  /// Presses and releases the mouse in the middle of the first element that fits.
  public func click(_ selector: String) throws {
    let place = try run(
      """
      const e=document.querySelector(\(Self.quoted(selector)));if(!e)return 'none';
      e.scrollIntoView({block:'center'});const r=e.getBoundingClientRect();return [r.left+r.width/2,r.top+r.height/2].join(' ')
      """
    ).split(separator: " ").compactMap { Double($0) }
    guard place.count == 2 else { throw CajalError("the page has no \(selector)") }
    for type in ["mousePressed", "mouseReleased"] {
      try call(
        "Input.dispatchMouseEvent",
        ["type": type, "x": place[0], "y": place[1], "button": "left", "clickCount": 1])
    }
  }

  /// Types letters one by one into what has the focus.
  public func type(_ text: String) throws {
    for letter in text { try key(String(letter), text: String(letter)) }
  }

  /// Presses a key by its name: `Enter`, `Escape`, `ArrowDown`, `j`.
  public func press(_ name: String) throws {
    let codes = ["Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9, "Backspace": 8]
    if let code = codes[name] {
      try key(name, text: name == "Enter" ? "\r" : nil, code: code)
    } else {
      try key(name, text: name)
    }
  }

  private func key(_ name: String, text: String?, code: Int = 0) throws {
    var down: [String: Any] = ["type": text == nil ? "rawKeyDown" : "keyDown", "key": name]
    if let text { down["text"] = text }
    if code > 0 { down["windowsVirtualKeyCode"] = code }
    try call("Input.dispatchKeyEvent", down)
    try call("Input.dispatchKeyEvent", ["type": "keyUp", "key": name, "windowsVirtualKeyCode": code])
  }

  /// Chooses an option of a list by the keys of its first letters.
  public func choose(_ selector: String, _ letters: String) throws {
    // Letters that follow within a second would be added to those before.
    let pause = chosen.timeIntervalSinceNow + 1.1
    if pause > 0 { usleep(UInt32(pause * 1e6)) }
    let focused = try run(
      "const e=document.querySelector(\(Self.quoted(selector)));e?.focus();return e===document.activeElement")
    guard focused == "true" else { throw CajalError("\(selector) does not take the focus") }
    try type(letters)
    chosen = Date()
  }

  /// Writes what is seen as a PNG.
  public func screenshot(to url: URL) throws {
    let answer = try call("Page.captureScreenshot", ["format": "png"])
    guard let data = (answer["data"] as? String).flatMap({ Data(base64Encoded: $0) }) else {
      throw CajalError("no screenshot")
    }
    try AtomicFile.write(data, to: url)
  }

  static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'") + "'"
  }
}
