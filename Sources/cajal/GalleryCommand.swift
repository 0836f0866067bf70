import Foundation
import Reading
import StudyCore

/// `cajal gallery`
enum GalleryCommand {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let store = try RunStore()
    let page =
      arguments.value("out").map { URL(fileURLWithPath: $0) }
      ?? store.home.appendingPathComponent("gallery.html")
    let runs = try Studies.all.compactMap { try store.representative(of: $0.paper.slug) }
    try Gallery(ReadingList.catalogue(), studies: Studies.all, runs: runs).write(to: page)
    print("Gallery: \(page.path)")
    return 0
  }
}
