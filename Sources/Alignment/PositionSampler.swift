import Recordings
import Support
import Tensors

/// Keeps the activity of a few places of every image at the sites of a pattern: samples of a convolutional network's channels.
///
/// Images come in batches, in the same order for every network. Which places are kept depends only on the seed, the number of
/// the image and the size of the map: two networks with maps of the same size are seen at the same places, so that
/// their samples go together.
public final class PositionSampler: Instrument {
  public let sites: SitePattern
  /// How many places of an image, or all where a map has fewer.
  public let positions: Int
  private let generator: RandomGenerator
  private var parts: [String: [Tensor]] = [:]
  private var images: [String: Int] = [:]

  public init(_ sites: SitePattern, positions: Int, using generator: RandomGenerator) {
    precondition(positions > 0, "\(positions) positions of an image")
    (self.sites, self.positions, self.generator) = (sites, positions, generator)
  }

  /// Sees activity `[B, C, …]`, or `[B, N]` without places.
  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let first = images[site] ?? 0
    let batch = activity.size(0)
    images[site] = first + batch
    withoutGradients {
      let plain = activity.detached()
      guard plain.rank > 2 else {
        parts[site, default: []].append(plain.cloned())
        return
      }
      // `[B, P, C]`
      let maps = plain.flattened(from: 2).transposed().contiguous()
      let (places, channels) = (maps.size(1), maps.size(2))
      let kept = min(positions, places)
      let rows = (0..<batch).flatMap { image -> [Int] in
        var stream = generator.split(first + image)
        return stream.subset(kept, of: places).map { image * places + $0 }
      }
      parts[site, default: []].append(maps.reshaped(-1, channels).selected(Tensor(rows), axis: 0))
    }
    return activity
  }

  /// The samples `[S, N]` by site, and the image of every sample; they are forgotten here.
  public func taken() -> [String: (samples: Tensor, image: [Int])] {
    defer { (parts, images) = ([:], [:]) }
    return Dictionary(
      uniqueKeysWithValues: parts.map { site, parts in
        let samples = Tensor.concatenated(parts)
        let each = samples.size(0) / images[site]!
        return (site, (samples, (0..<samples.size(0)).map { $0 / each }))
      })
  }
}
