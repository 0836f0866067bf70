import Recordings
import Support
import Tensors
import Testing

@Suite struct EpochsTests {
  @Test func edgesBelongToOneSide() {
    let epochs = Epochs([Interval(0, 1), Interval(1, 2)])
    #expect(epochs.contains(0) && epochs.contains(1) && !epochs.contains(2))
    #expect(epochs.union.intervals == [Interval(0, 2)])
    let time = TimeAxis(rate: 2, count: 6)
    #expect(time.indices(in: Epochs(from: 0.5, to: 1.5)) == [1..<3])
  }

  /// Sets of moments against membership of many moments.
  @Test func setsAreSetsOfMoments() {
    var generator = RandomGenerator(seed: 2)
    for _ in 0..<200 {
      func draw() -> Epochs {
        Epochs(
          (0..<generator.integer(below: 5)).map { _ in
            let start = Double(generator.integer(below: 20))
            return Interval(start, start + Double(generator.integer(below: 6)))
          })
      }
      let (a, b) = (draw(), draw())
      for moment in 0..<26 {
        let t = Double(moment) + 0.5 * Double(generator.integer(below: 2))
        #expect(a.union(b).contains(t) == (a.contains(t) || b.contains(t)))
        #expect(a.intersection(b).contains(t) == (a.contains(t) && b.contains(t)))
        #expect(a.subtracting(b).contains(t) == (a.contains(t) && !b.contains(t)))
      }
      #expect(abs(a.duration + b.duration - a.union(b).duration - a.intersection(b).duration) < 1e-9)
    }
  }

  @Test func conditionsBecomeEpochs() {
    let time = TimeAxis(start: 1, rate: 2, count: 5)
    #expect(
      Epochs(where: [true, false, true, true, true], times: time).intervals
        == [Interval(1, 1.5), Interval(2, 3.5)])
  }

  @Test func rowsGoAlong() throws {
    let trials = Epochs(
      [Interval(2, 4), Interval(0, 1)], table: SampleTable([("side", .texts(["late", "early"]))]))
    #expect(trials.table["side"] == ["early", "late"])
    let cut = trials.restricted(to: Epochs([Interval(0.5, 2.5), Interval(3, 3.5)]))
    #expect(cut.intervals == [Interval(0.5, 1), Interval(2, 2.5), Interval(3, 3.5)])
    #expect(cut.table["side"] == ["early", "late", "late"])
    #expect(throws: CajalError.self) { try Epochs(starts: [1], ends: [0], what: "x") }
  }

  @Test func restrictionIsOneVerb() throws {
    let recording = try Recording(
      activity: Tensor((0..<12).map(Float.init), shape: [6, 2]), time: TimeAxis(rate: 1, count: 6),
      samples: SampleTable([("k", .numbers([0, 1, 2, 3, 4, 5]))]), epochs: ["e": Epochs(from: 1, to: 5)])
    let part = recording.restricted(to: Epochs([Interval(1, 3), Interval(4, 5)]))
    #expect(part.activity.doubles == [2, 3, 4, 5, 8, 9] && part.samples.numbers("k") == [1, 2, 4])
    #expect(part.time?.values == [1, 2, 4] && part.support.duration == 3)
    #expect(part.epochs["e"]?.intervals == [Interval(1, 3), Interval(4, 5)])
    #expect(recording.restricted(to: Epochs()).sampleCount == 0)
    let spikes = try SpikeTrains([[0, 1, 2.999, 3, 4.5]], support: Epochs(from: 0, to: 5))
    #expect(Array(spikes.restricted(to: Epochs([Interval(1, 3), Interval(4, 5)]))[0]) == [1, 2.999, 4.5])
  }
}
