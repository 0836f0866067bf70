import Datasets
import Foundation
import Support

extension RecordedTrials {
  /// The eruptions of Old Faithful: a short or a long one (below or from three minutes), what the next one was, and the wait to it in
  /// minutes. Behind a short one a long one comes soon and almost surely, behind a long one either comes late.
  ///
  /// - Throws: `CajalError` when they are not here and cannot be fetched.
  public static func oldFaithful(home: URL = CajalHome.folder) throws -> RecordedTrials {
    let data = PackagedData.oldFaithful
    if !data.isPresent(home: home) { try data.fetch(home: home) }
    let url = try data.url("faithful.csv", home: home)
    let rows = try CSVFile(contentsOf: url).numbers()
    return try chain(
      name: "Old Faithful", kinds: rows.map { $0[0] < 3 ? "short" : "long" }, intervals: rows.map { $0[1] },
      fingerprint: Fingerprint.ofFile(url))
  }
}
