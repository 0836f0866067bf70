import Support

/// Small additions in words, answered in words and digits: "zwei plus drei ist" and " fünf, 5".
struct AdditionTask {
  /// Languages with words for it, in the order in which studies take them.
  static let languages = ["en", "fr", "de", "es", "it", "pt"]
  /// The largest operand.
  static let largest = 10
  /// All pairs of operands.
  static let pairs = (0...largest).flatMap { a in (0...largest).map { (a, $0) } }

  private static let numbers: [String: String] = [
    "en":
      "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
    "fr":
      "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt",
    "de":
      "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "es":
      "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte",
    "it":
      "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti",
    "pt":
      "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove vinte",
  ]
  private static let signs: [String: (plus: String, equals: String)] = [
    "en": ("plus", "is"), "fr": ("plus", "font"), "de": ("plus", "ist"), "es": ("más", "son"),
    "it": ("più", "fa"),
    "pt": ("mais", "são"),
  ]

  private let words: [String]
  private let plus: String
  private let equals: String

  init(_ language: String) {
    guard let numbers = Self.numbers[language], let signs = Self.signs[language] else {
      preconditionFailure("no number words for '\(language)'")
    }
    words = numbers.split(separator: " ").map(String.init)
    (plus, equals) = signs
  }

  /// The question and the answer as bytes.
  func line(_ pair: (Int, Int)) -> (prompt: [Int], answer: [Int]) {
    let sum = pair.0 + pair.1
    let prompt = "\(words[pair.0]) \(plus) \(words[pair.1]) \(equals)"
    return (prompt.utf8.map(Int.init), " \(words[sum]), \(sum)\n".utf8.map(Int.init))
  }
}
