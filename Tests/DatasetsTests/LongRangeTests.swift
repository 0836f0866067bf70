import Datasets
import Support
import Tensors
import TestSupport
import Testing

@Suite struct LongRangeTests {
  @Test(arguments: [
    ("[MAX 2 9 [MIN 4 7 ] 0 ]", 9), ("[MED 1 2 8 9 ]", 5), ("[MED 3 1 2 ]", 2), ("[SM 9 9 5 ]", 3),
    ("[SM [MIN 3 1 ] [MAX 0 8 ] [MED 4 6 6 ] ]", 5), ("7", 7),
  ])
  func listsAreEvaluated(_ text: String, _ value: Int) throws {
    let tokens = try ListOperations.tokens(text)
    #expect(try ListOperations.value(of: tokens) == value)
    #expect(ListOperations.Expression(tokens: tokens, value: value).text == text)
  }

  @Test(arguments: ["[MAX 2 9", "]", "[MAX ]", "3 4", "[MAX 2 ] ]"])
  func brokenListsAreRefused(_ text: String) throws {
    let tokens = try ListOperations.tokens(text)
    #expect(throws: CajalError.self) { _ = try ListOperations.value(of: tokens) }
  }

  @Test func listsAreDrawnInTheirLengths() throws {
    var lists = ListOperations()
    lists.lengths = 100...300
    var g = RandomGenerator(seed: 1)
    let drawn = try (0..<200).map { _ in try lists.expression(using: &g) }
    #expect(drawn.allSatisfy { (100...300).contains($0.tokens.count) && (0..<10).contains($0.value) })
    #expect(Set(drawn.map(\.value)).count > 7)
    for one in drawn {
      var (depth, deepest) = (0, 0)
      for token in one.tokens {
        if token == .close {
          depth -= 1
        } else if token.rawValue >= ListOperations.Token.minimum.rawValue {
          depth += 1
        }
        deepest = max(deepest, depth)
      }
      #expect(depth == 0 && deepest <= 10)
    }
    lists.lengths = 1...2
    #expect(message { _ = try lists.expression(using: &g) }.contains("1 to 2 tokens"))
    #expect(message { _ = try ListOperations.tokens("[MAX 10 ]") }.contains("'10'"))
  }

  @Test func curvesDoNotGiveTheClassAway() throws {
    var g = RandomGenerator(seed: 1)
    let images = try PathfinderImages().images(200, using: &g)
    #expect(images.count == 200 && images.width == 32 && images.labels.count { $0 == 1 } == 100)
    // Brightness alone says nothing: means of both classes lie within their error.
    func brightness(_ label: Int) -> [Double] {
      images.labels.indices.filter { images.labels[$0] == label }.map {
        images.image($0).reduce(0.0) { $0 + Double($1) } / 1024 / 255
      }
    }
    let (apart, joined) = (Spread(brightness(0)), Spread(brightness(1)))
    let allowed: Double = 4 * (apart.standardError + joined.standardError)
    #expect(abs(apart.mean - joined.mean) < allowed)
    #expect(apart.mean > 0.05 && apart.mean < 0.5)
    var again = RandomGenerator(seed: 1)
    #expect(try PathfinderImages().images(200, using: &again).pixels == images.pixels)
    var crowded = PathfinderImages()
    crowded.dashes = 60
    #expect(message { _ = try crowded.images(2, using: &g) }.contains("no place"))
  }

  @Test func imagesBecomeSequences() throws {
    let images = try LabelledImages(
      name: "made", channels: 1, height: 2, width: 4, pixels: (0..<16).map { UInt8($0 * 15) },
      labels: [0, 1],
      classNames: ["a", "b"], fingerprint: "made")
    let x = images.sequence(at: [1, 0], pixelsPerStep: 2)
    #expect(x.shape == [4, 2, 2])
    func brightness(_ places: [Int]) -> [Double] { places.map { Double(Float($0 * 15) / 255) } }
    #expect(x[0, 0].doubles == brightness([8, 9]))
    #expect(x[3, 1].doubles == brightness([6, 7]))
  }
}
