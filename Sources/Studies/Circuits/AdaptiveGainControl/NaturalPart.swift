import Circuits
import Datasets
import Figures
import Foundation
import StudyCore
import Support

/// Claim 7, of ours: gains under the orientations of photographs.
struct NaturalPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  private static let bins = 24
  /// Pictures are brought to this length, where the grid of pixels and blocks of compression weigh less.
  private static let side = 512

  func report() throws {
    let objective = try bench.objective()
    let made = try generated()
    let control = try gains(objective, Self.joint(made))
    lab.measure("natural.madeExcess", Self.joint(made).cardinalExcess())
    guard options.naturalImages, let files = try pictures() else {
      lab.add(claim(nil, control, [], 0))
      return
    }
    try lab.progress("orientations in pictures", 0, of: files.count, unit: "pictures")
    let histograms = try parallelMap(files.count, throwing: { try Self.histogram(files[$0]) })
    let joint = Self.joint(histograms)
    let found = try gains(objective, joint)
    let draws = lab.generator("resamples")
    try lab.progress("other draws of pictures", 0, of: options.resamples, unit: "draws")
    let differences = try parallelMap(
      options.resamples,
      throwing: { index in
        var own = draws.split(index)
        let drawn = histograms.map { _ in histograms[own.integer(below: histograms.count)] }
        return Self.cardinal(try gains(objective, Self.joint(drawn)).adapted.gains)
      }
    ).map { $0.oblique - $0.cardinal }
    let sides = Self.cardinal(found.adapted.gains)
    lab.measure("natural.excess", joint.cardinalExcess())
    lab.measure("natural.cardinalGain", sides.cardinal)
    lab.measure("natural.obliqueGain", sides.oblique)
    lab.measure("natural.share", Double(differences.count { $0 > 0 }) / Double(differences.count))
    lab.add(claim((joint, found), control, differences, files.count))
    let context = try joint.ensemble(options.stimuli)
    let apart = try objective.cost(found.usual.gains, under: context.probabilities)
    lab.measure("natural.saving", 1 - found.adapted.cost.total / apart.total)
    try NaturalFigures(lab).natural(
      context.probabilities, Self.joint(made).ensemble(options.stimuli).probabilities,
      found.adapted.gains, control.adapted.gains, usual: found.usual.gains)
  }

  /// The photographs, or the user's own pictures; nil where there are none.
  private func pictures() throws -> [URL]? {
    if let own = try bench.ownData(), own.isFolder {
      let files = try ImageFolder.pictures(below: own.url)
      lab.usesData("pictures of \(own.url.path)", fingerprint: try Fingerprint.ofFiles(files))
      return files
    }
    let packages = [PackagedData.photographs, .chinaAndFlower].filter { $0.isPresent() }
    guard !packages.isEmpty else { return nil }
    let files = try packages.flatMap { package in try package.files.map { try package.url($0.name) } }
    lab.usesData("photographs", fingerprint: try Fingerprint.ofFiles(files))
    return files
  }

  private static func histogram(_ file: URL) throws -> OrientationHistogram {
    let picture = try Picture(contentsOf: file)
    let scale = min(1, Double(side) / Double(max(picture.width, picture.height)))
    let small = picture.resized(
      width: max(3, Int(Double(picture.width) * scale)), height: max(3, Int(Double(picture.height) * scale)))
    var histogram = OrientationHistogram(bins: bins)
    histogram.add(GreyImage(small))
    return histogram
  }

  /// Discs of all sizes: edges of every orientation alike.
  private func generated() throws -> [OrientationHistogram] {
    let generator = lab.generator("discs")
    return parallelMap(12) { index in
      var own = generator.split(index)
      var histogram = OrientationHistogram(bins: Self.bins)
      histogram.add(.deadLeaves(256, radii: 6...80, using: &own))
      return histogram
    }
  }

  private static func joint(_ histograms: [OrientationHistogram]) -> OrientationHistogram {
    histograms.reduce(into: OrientationHistogram(bins: bins)) { $0.add($1) }
  }

  private func gains(_ objective: GainObjective, _ histogram: OrientationHistogram) throws
    -> GainBench.Adaptation
  {
    try bench.adaptation(
      objective, to: histogram.ensemble(options.stimuli).probabilities, adapter: 90)
  }

  /// Mean gains within 15 degrees of horizontal and vertical, and as near to the diagonals.
  private static func cardinal(_ gains: [Double]) -> (cardinal: Double, oblique: Double) {
    let distances = Orientation.even(gains.count).map { angle in
      min(abs(Orientation.wrapped(angle)), abs(Orientation.wrapped(angle - 90)))
    }
    func mean(_ isMeant: (Double) -> Bool) -> Double {
      Spread(gains.indices.filter { isMeant(distances[$0]) }.map { gains[$0] }).mean
    }
    return (mean { $0 <= 15 }, mean { $0 >= 30 })
  }

  private func claim(
    _ natural: (histogram: OrientationHistogram, found: GainBench.Adaptation)?,
    _ control: GainBench.Adaptation,
    _ differences: [Double], _ pictures: Int
  ) -> Claim {
    let even = Self.cardinal(control.adapted.gains)
    var measured = "discs: \(short(even.cardinal)) and \(short(even.oblique))"
    var holds = false
    if let natural {
      let sides = Self.cardinal(natural.found.adapted.gains)
      let spread = Spread(differences)
      let share = Double(differences.count { $0 > 0 }) / Double(differences.count)
      holds = natural.histogram.cardinalExcess() > 1 && sides.cardinal < sides.oblique && share >= 0.95
      measured =
        "\(pictures) pictures, edges near the cardinal orientations \(short(natural.histogram.cardinalExcess())) times as frequent as near the diagonals; gains \(short(sides.cardinal)) and \(short(sides.oblique)), the difference \(spread.significant) over draws of pictures, of the same sign in \(short(100 * share)) % of them; "
        + measured
    }
    return .decided(
      "7", "Under the statistics of natural images gains are lower at horizontal and vertical.",
      paper: "not in the abstract; the method sheet expects it",
      test:
        "contexts with the frequencies of orientations in photographs (gradients by their size, 24 bins, every picture alike), and in images of discs as a control",
      criterion:
        "mean gain within 15° of horizontal and vertical below that within 15° of the diagonals, also in 95 % of \(options.resamples) draws of the pictures with replacement",
      measured: measured, holds: holds,
      reason: "the pictures' orientations, or the gains, do not differ in this way from draw to draw",
      unless: natural != nil
        ? nil
        : options.naturalImages
          ? "no photographs: 'cajal data fetch photographs china-flower'" : "left out by naturalImages=false")
  }
}
