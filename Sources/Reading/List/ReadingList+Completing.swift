import Foundation
import Support

extension ReadingList {
  /// Asks for what is missing where only names on arXiv are given; papers that the list has are not asked for.
  ///
  /// - Parameter ask: Gives papers by name, as ``ArXivClient/papers(_:)`` does.
  /// - Returns: The references, and a refusal for each that stays without a title.
  public func completed(
    _ references: [PaperReference],
    ask: ([ArXivIdentifier]) throws -> [ArXivIdentifier: PaperReference] = { try ArXivClient().papers($0) }
  ) throws -> (references: [PaperReference], refusals: [Refusal]) {
    var wanted: [ArXivIdentifier] = []
    var seen: Set<ArXivIdentifier> = []
    let index = try PaperIndex(self)
    for reference in references where reference.title == nil {
      guard let name = reference.arXiv, index.slug(of: reference) == nil, seen.insert(name).inserted else {
        continue
      }
      wanted.append(name)
    }
    guard !wanted.isEmpty else { return (references, []) }
    var found: [ArXivIdentifier: PaperReference] = [:]
    var reason = "arXiv has no paper of this name"
    do { found = try ask(wanted) } catch let error as CajalError { reason = error.message }
    var refusals: [Refusal] = []
    let all = references.compactMap { reference -> PaperReference? in
      guard reference.title == nil, let name = reference.arXiv, seen.contains(name) else { return reference }
      guard var paper = found[name] else {
        refusals.append(Refusal(line: reference.line, name: name.description, reason: reason))
        return nil
      }
      (paper.line, paper.label) = (reference.line, reference.label)
      return paper
    }
    return (all, refusals)
  }
}
