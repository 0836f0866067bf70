import Foundation
import Models
import Support

/// A relation between things, as facts and the texts that ask for them.
///
/// Two layouts of JSON are read: `{"relation", "templates", "facts": [{"subject", "object"}]}`, and the one of the LRE collection
/// (Hernandez et al. 2024), `{"name", "prompt_templates", "samples"}`. Optional: `family`, `language`, `confounds`.
public struct Relation: Sendable, Equatable {
  public struct Fact: Sendable, Equatable, Hashable, Codable {
    public var subject: String
    public var object: String

    public init(_ subject: String, _ object: String) { (self.subject, self.object) = (subject, object) }
  }

  public var name: String
  /// Relations of one family are related: capital and language of a country.
  public var family: String?
  /// The language of the templates, `en` unless said.
  public var language: String
  /// Texts with `{}` for the subject, to be continued by the object.
  public var templates: [String]
  /// Texts with the words of the templates that ask for something else: hard negatives.
  public var confounds: [String]
  public var facts: [Fact]

  public init(
    _ name: String, family: String? = nil, language: String = "en", templates: [String],
    confounds: [String] = [],
    facts: [Fact]
  ) {
    (self.name, self.family, self.language) = (name, family, language)
    (self.templates, self.confounds, self.facts) = (templates, confounds, facts)
  }

  /// Reads a file.
  ///
  /// - Throws: `CajalError` naming the file and what is missing or wrong in it.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let file: RelationFile
    do { file = try JSONDecoder().decode(RelationFile.self, from: data) } catch {
      throw CajalError(
        "\(url.path) is no relation: expected an object with 'relation', 'templates' and 'facts' of 'subject' and 'object'"
      )
    }
    guard let name = file.relation ?? file.name else { throw CajalError("\(url.path) has no 'relation'") }
    guard let templates = file.templates ?? file.prompt_templates, !templates.isEmpty else {
      throw CajalError("\(url.path) has no 'templates'")
    }
    guard let facts = file.facts ?? file.samples, !facts.isEmpty else {
      throw CajalError("\(url.path) has no 'facts'")
    }
    let texts = templates + (file.confounds ?? [])
    if let wrong = texts.first(where: { $0.components(separatedBy: "{}").count != 2 }) {
      throw CajalError("\(url.path): '\(wrong)' should hold '{}' once, for the subject")
    }
    self.init(
      name, family: file.family, language: file.language ?? "en", templates: templates,
      confounds: file.confounds ?? [], facts: facts)
  }

  /// The text of a template for a subject, its first letter a capital.
  public static func text(_ template: String, _ subject: String) -> String {
    let text = template.replacing("{}", with: subject)
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// With only the facts that `isKept` is true for.
  public func filtered(_ isKept: (Fact) -> Bool) -> Relation {
    var relation = self
    relation.facts = facts.filter(isKept)
    return relation
  }
}

/// What a file may hold, by its own names.
private struct RelationFile: Decodable {
  var relation: String?
  var name: String?
  var family: String?
  var language: String?
  var templates: [String]?
  // swift-format-ignore: AlwaysUseLowerCamelCase
  var prompt_templates: [String]?
  var confounds: [String]?
  var facts: [Relation.Fact]?
  var samples: [Relation.Fact]?
}

/// Relations that are told apart.
public struct RelationDataset: Sendable, Equatable {
  public var relations: [Relation]

  public init(_ relations: [Relation]) { self.relations = relations }

  /// Reads one file, or every `.json` file of a folder in the order of their names.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it, or a folder without relations.
  public init(contentsOf url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(url.path)")
    }
    guard isFolder.boolValue else {
      relations = [try Relation(contentsOf: url)]
      return
    }
    let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    guard !files.isEmpty else { throw CajalError("\(url.path) holds no .json file") }
    relations = try files.map(Relation.init(contentsOf:))
  }

  /// Without facts whose object begins with the same token as another object of the relation: the first token could not
  /// tell them apart.
  public func unambiguous(_ tokenizer: any Tokenizer) -> RelationDataset {
    RelationDataset(
      relations.map { relation in
        let objects = Dictionary(grouping: Set(relation.facts.map(\.object))) {
          tokenizer.encode(" " + $0).first
        }
        return relation.filtered { objects[tokenizer.encode(" " + $0.object).first]?.count == 1 }
      })
  }

  /// Two halves that share no subject; every relation is split as evenly as subjects that several relations have allow.
  public func splitByEntity(using generator: inout RandomGenerator) -> (
    identification: RelationDataset, evaluation: RelationDataset
  ) {
    var isFirst: [String: Bool] = [:]
    for relation in relations {
      var subjects = Set(relation.facts.map(\.subject)).subtracting(isFirst.keys).sorted()
      generator.shuffle(&subjects)
      var surplus = relation.facts.reduce(0) { $0 + (isFirst[$1.subject].map { $0 ? 1 : -1 } ?? 0) }
      for subject in subjects {
        isFirst[subject] = surplus <= 0
        surplus += surplus <= 0 ? 1 : -1
      }
    }
    return (
      RelationDataset(relations.map { $0.filtered { isFirst[$0.subject]! } }),
      RelationDataset(relations.map { $0.filtered { !isFirst[$0.subject]! } })
    )
  }
}
