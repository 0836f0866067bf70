import Datasets
import Support
import Tensors
import Testing

@Suite struct AugmentationTests {
  private let batch = Tensor((1...384).map { pixel -> Float in Float(pixel) }, shape: [2, 3, 8, 8])

  @Test func sameSeedSameImages() {
    let changes: [Augmentation] = [
      .crop(padding: 2), .horizontalFlip, .cutout(side: 3), .noise(deviation: 0.1),
    ]
    var (first, second, third) = (
      RandomGenerator(seed: 1), RandomGenerator(seed: 1), RandomGenerator(seed: 2)
    )
    let a = batch.augmented(changes, using: &first)
    #expect(a.floats == batch.augmented(changes, using: &second).floats)
    #expect(a.floats != batch.augmented(changes, using: &third).floats)
    #expect(a.shape == batch.shape)
  }

  @Test func cropsAreShiftsOfAllChannelsAlike() {
    var generator = RandomGenerator(seed: 5)
    let moved = batch.augmented([.crop(padding: 2)], using: &generator)
    let padded = batch.padded([2, 2, 2, 2])
    for image in 0..<2 {
      let fits = (0...4).contains { y in
        (0...4).contains { x in
          padded[image, .all, y..<y + 8, x..<x + 8].contiguous().floats == moved[image].contiguous().floats
        }
      }
      #expect(fits)
    }
  }

  @Test func flipsMirrorWholeImages() {
    var generator = RandomGenerator(seed: 3)
    let many = batch.tiled([20, 1, 1, 1])
    let flipped = many.augmented([.horizontalFlip], using: &generator)
    var mirrored = 0
    for image in 0..<40 {
      let (old, new) = (many[image].contiguous(), flipped[image].contiguous())
      if new.floats != old.floats {
        mirrored += 1
        #expect(new.floats == old.flipped(2).contiguous().floats)
      }
    }
    #expect((8...32).contains(mirrored))
  }

  @Test func cutoutBlanksASquareAtMost() {
    var generator = RandomGenerator(seed: 4)
    let cut = batch.augmented([.cutout(side: 4)], using: &generator)
    for image in 0..<2 {
      let zeros = (cut[image] .== 0).to(.float32).sum(axes: [1, 2]).integers
      #expect(Set(zeros).count == 1 && (1...16).contains(zeros[0]))
    }
  }
}
