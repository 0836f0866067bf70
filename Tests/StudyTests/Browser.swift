import Foundation
import Support

/// Debian's Chromium without a window.
struct Browser {
  static let path = "/usr/bin/chromium"
  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// Opens a page of files, lets `script` run in it, and gives what it wrote with `report(…)` and the console's lines.
  ///
  /// The page stands in a frame of `width` pixels, as on a phone or a desk.
  static func open(_ page: URL, width: Int, dark: Bool = false, script: String) throws -> (
    reports: [String: String], console: [String]
  ) {
    let harness = page.deletingLastPathComponent().appendingPathComponent(
      ".harness-\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: harness) }
    let text = """
      <!doctype html><meta charset="utf-8"><pre id="out"></pre>
      <iframe id="page" src="\(page.lastPathComponent)" style="width:\(width)px;height:900px;border:0"></iframe>
      <script>
      const frame=document.getElementById('page'),lines={};
      function report(key,value){lines[key]=String(value);document.getElementById('out').textContent=JSON.stringify(lines)}
      frame.addEventListener('load',()=>{const win=frame.contentWindow,doc=frame.contentDocument;
      try{\(script)}catch(error){report('error',error)}});
      </script>
      """
    try Data(text.utf8).write(to: harness)
    let profile = FileManager.default.temporaryDirectory.appendingPathComponent(
      "cajal-chromium-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: profile) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
      "--enable-logging=stderr",
      "--user-data-dir=\(profile.path)", "--window-size=1400,1000", "--virtual-time-budget=4000",
      "--blink-settings=preferredColorScheme=\(dark ? 0 : 1)", "--dump-dom", harness.absoluteString,
    ]
    let (output, errors) = (Pipe(), profile.appendingPathExtension("log"))
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let log = try String(contentsOf: errors, encoding: .utf8)
    guard let json = dom.firstMatch(of: /<pre id="out">(.*?)<\/pre>/)?.1 else {
      throw CajalError("no report in \(dom.prefix(500))")
    }
    let plain = json.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    let reports = try JSONDecoder().decode([String: String].self, from: Data(plain.utf8))
    return (reports, log.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init))
  }

  /// Contrast of all text against what lies behind it (WCAG 2), the worst first; hidden text is passed over.
  static let contrastScript = """
    function light(c){const v=c.match(/[\\d.]+/g).map(Number),f=x=>{x/=255;return x<=.03928?x/12.92:((x+.055)/1.055)**2.4};
    return {l:.2126*f(v[0])+.7152*f(v[1])+.0722*f(v[2]),a:v.length>3?v[3]:1}}
    function behind(e){for(;e;e=e.parentElement){const b=light(win.getComputedStyle(e).backgroundColor);if(b.a>0)return b.l}return 1}
    let worst=99,where='';
    for(const e of doc.querySelectorAll('p,h1,h2,h3,td,th,a,dt,dd,li,summary,figcaption,span,footer,code,caption,label')){
    if(!e.textContent.trim()||!e.getClientRects().length)continue;
    const t=light(win.getComputedStyle(e).color).l,b=behind(e),c=(Math.max(t,b)+.05)/(Math.min(t,b)+.05);
    if(c<worst){worst=c;where=e.outerHTML.slice(0,120)}}
    for(const e of doc.querySelectorAll('svg text')){if(!e.textContent.trim())continue;
    const t=light(win.getComputedStyle(e).fill).l,b=behind(e.closest('svg').parentElement),c=(Math.max(t,b)+.05)/(Math.min(t,b)+.05);
    if(c<worst){worst=c;where=e.outerHTML.slice(0,120)}}
    report('contrast',worst.toFixed(2));report('contrastAt',where);
    """

  /// Pictures that did not come, and links that lead nowhere in the page.
  static let pictureScript = """
    const bad=[...doc.images].filter(i=>!i.complete||!i.naturalWidth||!i.alt).length
    +[...doc.querySelectorAll('svg')].filter(s=>s.getBoundingClientRect().width<40||!s.querySelector('title')).length;
    report('pictures',doc.querySelectorAll('img,svg').length);report('badPictures',bad);
    report('overflow',doc.documentElement.scrollWidth-doc.documentElement.clientWidth);
    report('outside',[...doc.querySelectorAll('[src],link[href]')].filter(e=>!/^(data:|#)/.test(e.getAttribute('src')||e.getAttribute('href'))).length);
    """
}
