import Foundation
import Reading
import Support
import TestSupport
import Testing

@Suite(.enabled(if: MailServerProcess.hasPython)) struct ArXivClientTests {
  private final class Server: @unchecked Sendable {
    static let shared = Server()
    let address: String
    private let process = Process()
    private let input = Pipe()

    private init?() {
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: MailServerProcess.python)
      process.arguments = [MailServerProcess.script("arxiv_server.py")]
      (process.standardInput, process.standardOutput) = (input, output)
      guard (try? process.run()) != nil else { return nil }
      let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      address = "http://127.0.0.1:\(port.trimmingCharacters(in: .whitespacesAndNewlines))/api/query"
    }
  }

  private func papers(_ names: [String]) throws -> [ArXivIdentifier: PaperReference] {
    let server = try #require(Server.shared)
    return try ArXivClient(address: server.address).papers(names.map { ArXivIdentifier($0)! })
  }

  @Test func titlesAndAuthorsAreAskedForTogether() throws {
    let found = try papers(["2306.16922", "cs/0112017", "2401.00404"])
    #expect(found.count == 2)
    let paper = try #require(found[ArXivIdentifier("cs/0112017")!])
    #expect(
      paper.title == "Title of cs/0112017" && paper.authors == ["Ada Lovelace"]
        && paper.published == "2023-06-14")
  }

  @Test func troubleIsToldWithWhatToDo() {
    for (name, expected) in [
      ("2401.00503", "503"), ("2401.00413", "arXiv could not be asked"), ("2401.00302", "file"),
    ] {
      let said = message { _ = try papers([name]) }
      #expect(said.contains(expected) && said.contains("curl -o new.xml"), "\(said)")
    }
    let absent = message {
      _ = try ArXivClient(address: "http://127.0.0.1:1/").papers([ArXivIdentifier("2306.16922")!])
    }
    #expect(absent.contains("arXiv could not be asked") && absent.contains("curl -o new.xml"), "\(absent)")
    for address in ["http://example.org/", "ftp://127.0.0.1/", "nonsense"] {
      #expect(message { _ = try ArXivClient(address: address) }.contains("https://"))
    }
  }
}
