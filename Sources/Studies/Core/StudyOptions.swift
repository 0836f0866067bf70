import Support

/// Every knob of a study, with a default for each size.
public protocol StudyOptions: Sendable {
  init(size: StudySize)
  /// The knobs, in the order in which they are shown.
  static var fields: [OptionField<Self>] { get }
}

/// One knob: its name on the command line, what it means, how it is read and written.
public struct OptionField<Options>: Sendable {
  public let name: String
  /// What the option does, with its unit.
  public let help: String
  /// What a value must look like, for messages: "a whole number from 1 to 100".
  public let expected: String
  public let get: @Sendable (Options) -> String
  /// Sets the value from text; false when the text is not as expected.
  let set: @Sendable (inout Options, String) -> Bool

  public static func integer(
    _ name: String, _ path: WritableKeyPath<Options, Int> & Sendable, in range: ClosedRange<Int>,
    _ help: String
  ) -> Self {
    Self(
      name: name, help: help,
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      get: { String($0[keyPath: path]) },
      set: { options, text in
        guard let value = Int(text), range.contains(value) else { return false }
        options[keyPath: path] = value
        return true
      })
  }

  public static func number(
    _ name: String, _ path: WritableKeyPath<Options, Double> & Sendable,
    in range: ClosedRange<Double>, _ help: String
  ) -> Self {
    Self(
      name: name, help: help, expected: "a number from \(range.lowerBound) to \(range.upperBound)",
      get: { String($0[keyPath: path]) },
      set: { options, text in
        guard let value = Double(text), range.contains(value) else { return false }
        options[keyPath: path] = value
        return true
      })
  }

  public static func flag(
    _ name: String, _ path: WritableKeyPath<Options, Bool> & Sendable, _ help: String
  ) -> Self {
    Self(
      name: name, help: help, expected: "true or false",
      get: { String($0[keyPath: path]) },
      set: { options, text in
        guard let value = Bool(text) else { return false }
        options[keyPath: path] = value
        return true
      })
  }

  public static func text(
    _ name: String, _ path: WritableKeyPath<Options, String> & Sendable, oneOf choices: [String],
    _ help: String
  ) -> Self {
    Self(
      name: name, help: help, expected: "one of \(choices.joined(separator: ", "))",
      get: { $0[keyPath: path] },
      set: { options, text in
        guard choices.contains(text) else { return false }
        options[keyPath: path] = text
        return true
      })
  }

  /// Any text, a path say.
  public static func text(
    _ name: String, _ path: WritableKeyPath<Options, String> & Sendable, _ help: String
  ) -> Self {
    Self(
      name: name, help: help, expected: "a text", get: { $0[keyPath: path] },
      set: { options, text in
        options[keyPath: path] = text
        return true
      })
  }

  public static func integers(
    _ name: String, _ path: WritableKeyPath<Options, [Int]> & Sendable, in range: ClosedRange<Int>,
    _ help: String
  ) -> Self {
    Self(
      name: name, help: help,
      expected: "whole numbers from \(range.lowerBound) to \(range.upperBound), joined by commas",
      get: { $0[keyPath: path].map(String.init).joined(separator: ",") },
      set: { options, text in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Int($0) }.filter(range.contains)
        guard !values.isEmpty, values.count == parts.count else { return false }
        options[keyPath: path] = values
        return true
      })
  }

  public static func numbers(
    _ name: String, _ path: WritableKeyPath<Options, [Double]> & Sendable,
    in range: ClosedRange<Double>, _ help: String
  ) -> Self {
    Self(
      name: name, help: help,
      expected: "numbers from \(range.lowerBound) to \(range.upperBound), joined by commas",
      get: { $0[keyPath: path].map { String($0) }.joined(separator: ",") },
      set: { options, text in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Double($0) }.filter(range.contains)
        guard !values.isEmpty, values.count == parts.count else { return false }
        options[keyPath: path] = values
        return true
      })
  }
}

extension StudyOptions {
  /// Sets one knob from text.
  ///
  /// - Throws: `CajalError` that lists the right names for an unknown one, and says what a wrong value
  ///   should look like.
  public mutating func set(_ name: String, to text: String) throws {
    guard let field = Self.fields.first(where: { $0.name == name }) else {
      let names = Self.fields.map(\.name).joined(separator: ", ")
      throw CajalError("unknown option '\(name)'; the options are \(names)")
    }
    guard field.set(&self, text) else {
      throw CajalError("option \(name)='\(text)' is not \(field.expected)")
    }
  }
}
