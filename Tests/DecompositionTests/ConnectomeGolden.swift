import Foundation

/// The reference vectors of the study that stands on this room.
enum ConnectomeGolden {
  nonisolated(unsafe) static let sections: [String: Any] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/dynamic-connectome.json")
    return try! JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: Any]
  }()

  static func numbers(_ value: Any?) -> [Double] {
    if let number = value as? NSNumber { return [number.doubleValue] }
    return (value as? [Any] ?? []).flatMap(numbers)
  }

  static func rows(_ value: Any?) -> [[Double]] { (value as? [Any] ?? []).map(numbers) }

  static func number(_ value: Any?) -> Double { numbers(value).first ?? .nan }

  static func difference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }
}
