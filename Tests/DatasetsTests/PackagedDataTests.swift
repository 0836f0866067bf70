import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

@Suite struct PackagedDataTests {
  let scratch = Scratch()

  private var left: [String] {
    (FileManager.default.enumerator(atPath: scratch.url.path)?.allObjects as? [String] ?? []).filter {
      $0.contains(".") && !$0.hasSuffix(".whl")
    }
  }

  @Test func aWrongFileIsRefusedAndNothingIsKept() {
    let members = PackagedData.all.filter { $0.source == PackagedData.wine.source }.flatMap(\.files)
    let said = message {
      try PackagedData.wine.fetch(home: scratch.url) { _, _, folder in
        let wheel = folder.appendingPathComponent("x.whl")
        try ZipArchive.write(members.map { ($0.member, [1, 2, 3]) }, to: wheel)
        return wheel
      }
    }
    #expect(said.contains("is not the file that was published"), "\(said)")
    #expect(left.isEmpty && !PackagedData.wine.isPresent(home: scratch.url))
  }

  @Test func aBrokenDownloadLeavesNothing() {
    let broken = message {
      try PackagedData.wine.fetch(home: scratch.url) { _, _, folder in
        let wheel = folder.appendingPathComponent("x.whl")
        try Data([0x50, 0x4B, 3, 4, 0, 0]).write(to: wheel)
        return wheel
      }
    }
    #expect(broken.contains("cannot read the archive"), "\(broken)")
    #expect(throws: Interruption.self) {
      try PackagedData.wine.fetch(home: scratch.url) { _, _, _ in throw Interruption() }
    }
    #expect(left.isEmpty)
    let unwritable = message {
      try PackagedData.wine.fetch(home: URL(fileURLWithPath: "/proc/none")) { _, _, _ in throw Interruption()
      }
    }
    #expect(unwritable.contains("/proc/none"), "\(unwritable)")
  }

  @Test func missingAndChangedDataSayWhatToDo() throws {
    #expect(message { _ = try LabelledTable.wine(home: scratch.url) }.contains("cajal data fetch wine"))
    let place = PackagedData.wine.folder(home: scratch.url)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try Data("1,2".utf8).write(to: place.appendingPathComponent("wine_data.csv"))
    #expect(
      message { _ = try LabelledTable.wine(home: scratch.url) }.contains("is not the file that was published")
    )
    #expect(message { _ = try PackagedData.find("beer") }.contains("wine"))
  }

  /// Needs the data in the cache: `cajal data fetch wine`, which brings the others of the same package.
  @Test(.enabled(if: PackagedData.wine.isPresent() && PackagedData.digits.isPresent()))
  func realTables() throws {
    let (wine, cancer, digits) = (
      try LabelledTable.wine(), try LabelledTable.breastCancer(), try LabelledImages.digits()
    )
    #expect((wine.count, wine.columnNames.count, wine.classNames.count) == (178, 13, 3))
    #expect((cancer.count, cancer.columnNames.count) == (569, 30) && cancer.labels.count { $0 == 0 } == 212)
    #expect(digits.count == 1797 && digits.imageSize == 64 && digits.pixels.max() == 255)
  }
}
