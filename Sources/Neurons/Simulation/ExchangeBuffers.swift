import CMPI
import Support

/// Numbers of different length from every rank in as few messages as possible: their count and the numbers travel in one
/// message of a fixed length, which grows and shrinks with what is sent; only where they do not fit a second follows.
///
/// The way of NEST (Jordan and others, 2018, Front. Neuroinform. 12:2).
final class ExchangeBuffers {
  private static let least = 64
  private static let largest = 1 << 14
  /// After so many exchanges the length is thought over.
  private static let period = 256

  private let ranks: Int
  /// The length of the first message: all ranks choose it alike, from counts that all have seen.
  private(set) var slot = least
  private let mine = Room()
  private let first = Room()
  private let second = Room()
  private var lengths: [Int32]
  private var places: [Int32]
  private var isWhole = true
  private var longest = 0
  private var exchanges = 0

  /// Memory that grows; what was in it is lost then.
  private final class Room {
    private(set) var base = UnsafeMutablePointer<Int32>.allocate(capacity: 0)
    private var capacity = 0

    func need(_ count: Int) {
      guard count > capacity else { return }
      base.deallocate()
      capacity = max(count, capacity + capacity / 4)
      base = .allocate(capacity: capacity)
      base.initialize(repeating: 0, count: capacity)
    }
    deinit { base.deallocate() }
  }

  init(ranks: Int) {
    self.ranks = ranks
    lengths = [Int32](repeating: 0, count: ranks)
    places = lengths
  }

  func exchange(_ values: UnsafeBufferPointer<Int32>) throws {
    exchanges += 1
    if exchanges % Self.period == 0 {
      setSlot(for: longest)
      longest = 0
    }
    let total = try exchangeFirst(values)
    let most = Int(lengths.max()!)
    longest = max(longest, most)
    isWhole = most < slot
    guard !isWhole else { return }
    guard total <= Int(Int32.max) else {
      throw CajalError("\(total) values to exchange, at most 2³¹ - 1 can be")
    }
    second.need(total)
    try Ranks.check(
      cm_gather_all_varying(values.baseAddress, Int32(values.count), second.base, lengths, places),
      "to exchange")
    setSlot(for: most)
  }

  /// The message of fixed length; how many values there are together.
  private func exchangeFirst(_ values: UnsafeBufferPointer<Int32>) throws -> Int {
    guard let length = Int32(exactly: values.count) else {
      throw CajalError("\(values.count) values to exchange, at most 2³¹ - 1 can be")
    }
    mine.need(slot)
    first.need(slot * ranks)
    mine.base[0] = length
    if let start = values.baseAddress, values.count < slot {
      (mine.base + 1).update(from: start, count: values.count)
    }
    try Ranks.check(cm_gather_all(mine.base, Int32(slot), first.base), "to exchange")
    var total = 0
    for rank in 0..<ranks {
      lengths[rank] = first.base[rank * slot]
      places[rank] = Int32(truncatingIfNeeded: total)
      total += Int(lengths[rank])
    }
    return total
  }

  /// Room for so many numbers, or for hardly more than their count where they would not fit in any case.
  private func setSlot(for count: Int) {
    var wanted = Self.least
    while wanted <= count { wanted *= 2 }
    slot = wanted > Self.largest ? Self.least : wanted
  }

  /// The values of a rank, until the next exchange.
  func values(of rank: Int) -> UnsafeBufferPointer<Int32> {
    // Of a message that was whole the length is still the present one.
    let start = isWhole ? first.base + rank * slot + 1 : second.base + Int(places[rank])
    return UnsafeBufferPointer(start: start, count: Int(lengths[rank]))
  }
}
