import Models
import Support

/// A text that asks for the object of a fact.
public struct RelationPrompt: Sendable, Equatable {
  /// The position of the relation in its data set.
  public var relation: Int
  public var template: Int
  public var fact: Relation.Fact
  /// The text, and the first token of the object with the space before it.
  public var cloze: Cloze
}

extension RelationDataset {
  /// A prompt for every fact and template, facts of a relation in their order and templates within a fact.
  ///
  /// - Parameter wholeObjects: Whether the whole object is to follow, not its first token only.
  public func prompts(_ tokenizer: any Tokenizer, wholeObjects: Bool = false) -> [RelationPrompt] {
    relations.enumerated().flatMap { index, relation in
      relation.facts.flatMap { fact in
        relation.templates.enumerated().map { template, text in
          let object = tokenizer.encode(" " + fact.object)
          return RelationPrompt(
            relation: index, template: template, fact: fact,
            cloze: Cloze(
              tokenizer.encode(Relation.text(text, fact.subject)), wholeObjects ? object : [object[0]]))
        }
      }
    }
  }

  /// The tokens of the relations' confounds, with the subjects of their facts in turn: `count` of each relation at most.
  public func hardNegatives(_ tokenizer: any Tokenizer, count: Int) -> [[Int]] {
    relations.flatMap { relation -> [[Int]] in
      guard !relation.confounds.isEmpty, !relation.facts.isEmpty else { return [] }
      return (0..<count).map { index in
        let subject = relation.facts[index / relation.confounds.count % relation.facts.count].subject
        return tokenizer.encode(Relation.text(relation.confounds[index % relation.confounds.count], subject))
      }
    }
  }
}
