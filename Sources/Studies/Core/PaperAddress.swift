/// Where papers can be read, by their names.
package enum PaperAddress {
  package static func arXiv(_ name: String) -> String { "https://arxiv.org/abs/\(name)" }
  package static func doi(_ name: String) -> String { "https://doi.org/\(name)" }
}
