import Foundation
import StudyCore
import Support

/// Asks arXiv's interface what papers of given names are.
public struct ArXivClient: Sendable {
  /// Names a request asks for at once, and seconds between requests, which arXiv's terms ask for.
  private static let batch = 50
  private static let pause = 3.0
  private static let largest = 8 << 20

  private let address: String

  /// - Parameter address: Of the interface; `CAJAL_ARXIV_URL`, or arXiv's own.
  /// - Throws: `CajalError` when it is neither `https` nor on this machine.
  public init(address: String? = nil) throws {
    let chosen = address ?? ProcessInfo.processInfo.environment["CAJAL_ARXIV_URL"]
    self.address = chosen ?? "https://export.arxiv.org/api/query"
    guard let parts = URLComponents(string: self.address), let host = parts.host,
      parts.scheme == "https" || (parts.scheme == "http" && ServerAddress.isLoopback(host))
    else {
      throw CajalError("CAJAL_ARXIV_URL is '\(self.address)', expected an address that starts with https://")
    }
  }

  /// Papers by their names; those that arXiv does not know are absent.
  ///
  /// - Throws: `CajalError` when arXiv cannot be reached or does not answer as it should.
  public func papers(_ names: [ArXivIdentifier]) throws -> [ArXivIdentifier: PaperReference] {
    var found: [ArXivIdentifier: PaperReference] = [:]
    for start in stride(from: 0, to: names.count, by: Self.batch) {
      if start > 0 { Thread.sleep(forTimeInterval: Self.pause) }
      let some = names[start..<min(names.count, start + Self.batch)]
      let list = some.map(\.description).joined(separator: ",")
      let data = try get("\(address)?id_list=\(list)&max_results=\(some.count)")
      let file = try PaperFile(data, document: "arXiv's answer")
      guard file.format == .atom else {
        throw CajalError("arXiv's answer is \(file.format.rawValue), expected Atom")
      }
      if let refusal = file.refusals.first { throw CajalError("arXiv says: \(refusal.reason)") }
      for var paper in file.references {
        guard let name = paper.arXiv, paper.title != nil else { continue }
        paper.line = nil
        found[name] = paper
      }
    }
    return found
  }

  private func get(_ url: String) throws -> Data {
    let isLocal = url.hasPrefix("http://")
    var transfer = Transfer(url: url, protocols: isLocal ? "http" : "https", timeout: 30, isDirect: isLocal)
    transfer.connectTimeout = 10
    do { return try transfer.get(limit: Self.largest, agent: "cajal/\(cajalVersion)") } catch let failure
      as TransferFailure
    {
      throw CajalError(
        "arXiv could not be asked (\(failure.reason)); fetch a file where there is a network, "
          + "say 'curl -o new.xml \"https://export.arxiv.org/api/query?id_list=ID,ID\"', and add that")
    }
  }
}
