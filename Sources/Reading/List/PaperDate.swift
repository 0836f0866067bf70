/// Dates as far as they are known: a year, a month, or a day.
enum PaperDate {
  /// The date at the start of `text` in ISO 8601: `2016`, `2016-01`, `2016-01-04`; nil where there is none.
  static func iso(_ text: String) -> String? {
    let day = text.prefix { $0.isNumber || $0 == "-" }
    let parts = day.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(parts.count), let year = Int(parts[0]) else { return nil }
    return date(
      year, parts.count > 1 ? Int(parts[1]) : nil, parts.count > 2 ? Int(parts[2]) : nil, parts.count)
  }

  /// A date of its parts; a day without a month is left out.
  static func date(year: Int, month: Int?, day: Int?) -> String? {
    date(year, month, day, month == nil ? 1 : day == nil ? 2 : 3)
  }

  private static func date(_ year: Int, _ month: Int?, _ day: Int?, _ parts: Int) -> String? {
    guard (1500...2200).contains(year) else { return nil }
    if parts == 1 { return "\(year)" }
    guard let month, (1...12).contains(month) else { return nil }
    if parts == 2 { return "\(year)-\(two(month))" }
    let days = [31, leaps(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard let day, (1...days[month - 1]).contains(day) else { return nil }
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// A month by its English name or its number.
  static func month(_ text: String) -> Int? {
    let word = text.lowercased()
    if let number = Int(word) { return (1...12).contains(number) ? number : nil }
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    return word.count >= 3 ? names.firstIndex { word.hasPrefix($0) }.map { $0 + 1 } : nil
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func leaps(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}
