import Probing
import Support
import Testing

struct NeuronSetTests {
  @Test func controlsHaveAsManyNeuronsInEveryBlock() {
    let set = NeuronSet(flat: [3, 1, 12, 13, 19], blocks: 3, neurons: 10)
    #expect(set.blocks == [[1, 3], [2, 3, 9], []])
    var generator = RandomGenerator(seed: 1)
    let control = set.matched(neurons: 10, using: &generator)
    #expect(control.blocks.map(\.count) == [2, 3, 0])
    #expect(Set(control.blocks[0]).isDisjoint(with: [1, 3]))
  }
}
