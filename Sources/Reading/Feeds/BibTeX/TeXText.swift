import Foundation

/// TeX as it stands in titles and names, read into Unicode.
struct TeXText {
  private let scalars: [Unicode.Scalar]
  private var place = 0

  /// `\"{o}` becomes `ö`, `{\ss}` becomes `ß`; braces go, `~` is a space, unknown commands are left out and their arguments stay.
  static func unicode(_ text: String) -> String {
    var reader = TeXText(scalars: Array(text.unicodeScalars))
    return PaperText.line(reader.read())
  }

  private static let accents: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\u{308}", "'": "\u{301}", "`": "\u{300}", "^": "\u{302}", "~": "\u{303}", "=": "\u{304}",
    ".": "\u{307}", "u": "\u{306}", "v": "\u{30C}", "H": "\u{30B}", "c": "\u{327}", "k": "\u{328}",
    "r": "\u{30A}",
    "d": "\u{323}", "b": "\u{331}", "t": "\u{361}",
  ]

  private static let commands: [String: String] = [
    "ss": "ß", "SS": "SS", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø",
    "O": "Ø",
    "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
    "ng": "ŋ", "NG": "Ŋ", "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘",
    "textquotedblleft": "“", "textquotedblright": "”", "ldots": "…", "dots": "…", "S": "§", "P": "¶",
    "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "textregistered": "®",
    "texttrademark": "™",
    "textasciitilde": "~", "textbackslash": "\\", "textunderscore": "_", "times": "×", "pm": "±",
    "infty": "∞",
    "to": "→", "rightarrow": "→", "leq": "≤", "geq": "≥", "approx": "≈", "sim": "∼", "cdot": "·", "ell": "ℓ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX",
  ]

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private var scalar: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private func next(is text: String) -> Bool {
    scalars[place...].starts(with: text.unicodeScalars)
  }

  private mutating func read() -> String {
    var out = String.UnicodeScalarView()
    let ligatures = [("---", "—"), ("--", "–"), ("``", "“"), ("''", "”")]
    scan: while let scalar {
      for (signs, sign) in ligatures where next(is: signs) {
        out.append(contentsOf: sign.unicodeScalars)
        place += signs.unicodeScalars.count
        continue scan
      }
      switch scalar {
      case "\\": out.append(contentsOf: command().unicodeScalars)
      case "~":
        out.append(" ")
        place += 1
      case "{", "}", "$": place += 1
      default:
        out.append(scalar)
        place += 1
      }
    }
    return String(out)
  }

  /// What follows a backslash.
  private mutating func command() -> String {
    place += 1
    guard let sign = scalar else { return "" }
    guard sign.isASCII, sign.properties.isAlphabetic else {
      place += 1
      if let accent = Self.accents[sign] { return accented(accent) }
      return ["-", "/", "(", ")", "[", "]", "!"].contains(sign)
        ? "" : ["\\", ",", ";", ":"].contains(sign) ? " " : String(sign)
    }
    let start = place
    while let scalar, scalar.isASCII, scalar.properties.isAlphabetic { place += 1 }
    let name = String(String.UnicodeScalarView(scalars[start..<place]))
    let isAccent = name.unicodeScalars.count == 1 && Self.accents[sign] != nil
    // A space ends a command of letters and is no space of the text.
    let spaced = scalar.map(\.properties.isWhitespace) ?? false
    while let scalar, scalar.properties.isWhitespace { place += 1 }
    if isAccent { return accented(Self.accents[sign]!) }
    if let text = Self.commands[name] { return text }
    return spaced && scalar != "{" ? " " : ""
  }

  /// The next letter, in braces or not, under an accent.
  private mutating func accented(_ accent: Unicode.Scalar) -> String {
    while let scalar, scalar == "{" || scalar.properties.isWhitespace { place += 1 }
    guard let scalar, scalar != "}" else { return "" }
    var letter = String(scalar)
    if scalar == "\\" {
      // `\i` and `\j` lose their dot to make room for the accent, which Unicode does by itself; no accents on accents.
      let start = place + 1
      place = start
      while let scalar = self.scalar, scalar.isASCII, scalar.properties.isAlphabetic { place += 1 }
      let name = String(String.UnicodeScalarView(scalars[start..<place]))
      letter = ["i", "j"].contains(name) ? name : Self.commands[name] ?? ""
    } else {
      place += 1
    }
    guard let first = letter.unicodeScalars.first else { return "" }
    var out = String.UnicodeScalarView([first, accent])
    out.append(contentsOf: letter.unicodeScalars.dropFirst())
    return String(out).precomposedStringWithCanonicalMapping
  }
}
