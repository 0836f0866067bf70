import Foundation
import Reading
import Testing

@Suite struct ArXivIdentifierTests {
  @Test(arguments: [
    ("2306.16922", "2306.16922"), ("2306.16922v3", "2306.16922"), ("arXiv:2306.16922v1", "2306.16922"),
    ("https://arxiv.org/abs/2306.16922v2", "2306.16922"),
    ("http://www.arxiv.org/pdf/2306.16922.pdf", "2306.16922"),
    ("https://export.arxiv.org/pdf/2306.16922v12.pdf", "2306.16922"),
    ("arxiv.org/abs/0704.0001", "0704.0001"),
    ("https://arxiv.org/abs/2306.16922?context=cs", "2306.16922"),
    ("oai:arXiv.org:2306.16922v1", "2306.16922"),
    ("https://doi.org/10.48550/arXiv.2306.16922", "2306.16922"), ("10.48550/ARXIV.2306.16922", "2306.16922"),
    ("cs/0112017", "cs/0112017"), ("arXiv:cs/0112017v1", "cs/0112017"), ("math.GT/0309136", "math/0309136"),
    ("https://arxiv.org/abs/q-bio/0701001", "q-bio/0701001"), ("q-bio.NC/0701001v2", "q-bio/0701001"),
    (" 2306.16922 ", "2306.16922"),
  ])
  func areRead(_ text: String, _ expected: String) {
    #expect(ArXivIdentifier(text)?.description == expected)
  }

  @Test(arguments: [
    "", "v1", "2306", "2306.1692", "2306.169222", "0704.00001", "2313.16922", "2300.16922", "0612.0001",
    "cs/011201",
    "cs/0113017", "cs/0112017x", "cs/0804001", "CS!/0112017", "https://notarxiv.org/abs/2306.16922",
    "https://example.org/?u=arxiv.org/abs/2306.16922", "2306.16922v", "2306.16922v1234", "２３０６.16922",
    "10.1000/182",
    "arxiv.org/abs/", "arXiv:",
  ])
  func othersAreNot(_ text: String) {
    #expect(ArXivIdentifier(text) == nil)
  }

  @Test func theyTellTheMonth() throws {
    for (text, month) in [
      ("2306.16922", "2023-06"), ("0704.0001", "2007-04"), ("cs/0112017", "2001-12"),
      ("hep-th/9108001", "1991-08"),
    ] { #expect(try #require(ArXivIdentifier(text)).month == month) }
  }
}
