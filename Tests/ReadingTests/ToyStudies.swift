import Figures
import Foundation
import Reading
import StudyCore
import Support
import TestSupport

/// A study that stands for a paper of the list, small enough to run in a test: some claims hold, others do not.
struct SmallStudy: Study {
  static let paper = Paper(
    slug: "sdr-dendrites", title: "Dendrites & <codes>", authors: ["S. Ahmad"], year: 2016,
    arXiv: "1601.00720",
    abstract: "Small.")
  static let method = "Counts."
  static let data = "None."
  static let library = [LibraryPart("RecognitionTheory", in: "Neurons", "exact error rates <of segments>")]

  struct Options: StudyOptions {
    var trials: Int
    init(size: StudySize) { trials = size == .quick ? 10 : 1000 }
    static let fields: [OptionField<Self>] = [
      .integer("trials", \.trials, in: 1...1_000_000, "how many trials")
    ]
  }

  func run(_ options: Options, in lab: Lab) throws {
    lab.measure("trials", Double(options.trials))
    var plot = Plot(
      name: "rates", title: "Rates & <more>", caption: "Rates of error \"so far\".", x: .init("trials"),
      y: .init("rate"))
    plot.add(.line, "rate", x: [1, 2, 3], y: [0.5, 0.2, 0.1])
    try lab.add(plot)
    for (id, holds) in [("1", true), ("2", true), ("3", false)] {
      lab.add(
        Claim(
          id, "Claim \(id) <so>", paper: "1", test: "counting", criterion: "one",
          measured: "\(options.trials)",
          holds: holds, reason: "not here"))
    }
  }

  static func verify(_ golden: inout GoldenFile) throws {}
}

/// The reading room of the packaged papers in a folder of its own: one of them has run.
struct Room {
  let front: URL
  private let scratch = Scratch()

  init(_ catalogue: Catalogue? = nil, meaning: Bool = true) throws {
    front = scratch.url.appendingPathComponent("gallery.html")
    let list = try catalogue ?? Catalogue.load()
    let store = try RunStore(home: scratch.url)
    var runs: [RunRecord] = []
    if catalogue == nil {
      var request = StudyRunner.Request()
      request.size = .quick
      runs = [try StudyRunner(store).run(AnyStudy(SmallStudy.self), request)]
    }
    var pages = ReadingPages(
      list, studies: [AnyStudy(SmallStudy.self)], runs: runs,
      vectors: meaning ? try PaperVectors(home: scratch.url).known(list) : [:],
      words: meaning ? try WordSpace.packaged() : nil)
    pages.studyGuides["sdr-dendrites"] = try guide(
      "docs/studies/sdr-dendrites.md",
      """
      # Dendrites & codes

      How *to* use it: see [recordings](../recordings.md#files) and [the data](../../data.csv), or https://example.org.

      | Claim | Verdict |
      |---|---|
      | 1 <b>x</b> | holds |

      <script>document.title = "taken over"</script>
      """)
    pages.guides = [try guide("docs/recordings.md", "# Recordings\n\n## Files\n\nText.\n")]
    try pages.write(to: front)
  }

  private func guide(_ name: String, _ text: String) throws -> Guide {
    let file = scratch.url.appendingPathComponent(name)
    try AtomicFile.write(text, to: file)
    return try Guide(contentsOf: file)
  }

  func paper(_ slug: String) -> URL {
    front.deletingLastPathComponent().appendingPathComponent("papers/\(slug).html")
  }
}
