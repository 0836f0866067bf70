import Datasets
import Foundation

extension Lab {
  /// Spoken digits for training and test: the user's own spike trains, whole speakers held out where the file names them, or
  /// digits spoken by a synthesiser.
  ///
  /// - Parameter takes: Utterances of each digit by each voice, where they are synthesised.
  package func spokenDigits(from url: URL?, takes: Int) throws -> (
    train: LabelledSpikes, test: LabelledSpikes
  ) {
    let pair: (train: LabelledSpikes, test: LabelledSpikes)
    if let url {
      let all = try LabelledSpikes(contentsOf: url)
      var generator = generator("split")
      if let speakers = all.speakers, Set(speakers).count > 2 {
        let known = Set(speakers).sorted()
        let held = generator.subset(max(1, known.count / 6), of: known.count).map { known[$0] }
        pair = try all.split(testSpeakers: Set(held))
      } else {
        let parts = all.split(0.8, using: &generator)
        pair = (parts.0, parts.1)
      }
    } else {
      var digits = SpokenDigits()
      digits.takes = takes
      pair = try digits.load { try progress("speaking digits", $0, of: $1, unit: "utterances") }
    }
    usesData(pair.train.name, fingerprint: pair.train.fingerprint)
    return pair
  }
}
