import Support

/// A study without its type, as the command line sees it.
public struct AnyStudy: Sendable {
  public let paper: Paper
  public let method: String
  public let data: String
  public let library: [LibraryPart]
  /// Name, help, expectation of every option.
  public var options: [(name: String, help: String, expected: String)] { listOptions() }
  /// Made when asked for: a list of papers needs none.
  private let listOptions: @Sendable () -> [(name: String, help: String, expected: String)]
  /// The value of every option, by size and with settings applied.
  public let values:
    @Sendable (StudySize, [(key: String, value: String)]) throws -> [(key: String, value: String)]
  public let run: @Sendable ([(key: String, value: String)], Lab) throws -> Void
  public let verify: @Sendable (inout GoldenFile) throws -> Void

  public init<S: Study>(_ study: S.Type) {
    paper = S.paper
    method = S.method
    data = S.data
    library = S.library
    listOptions = { S.Options.fields.map { ($0.name, $0.help, $0.expected) } }
    values = { size, settings in
      let options = try Self.options(S.Options.self, size, settings)
      return S.Options.fields.map { ($0.name, $0.get(options)) }
    }
    run = { settings, lab in
      try S().run(Self.options(S.Options.self, lab.size, settings), in: lab)
    }
    verify = { try S.verify(&$0) }
  }

  private static func options<Options: StudyOptions>(
    _: Options.Type, _ size: StudySize, _ settings: [(key: String, value: String)]
  ) throws -> Options {
    var options = Options(size: size)
    for (key, value) in settings { try options.set(key, to: value) }
    return options
  }
}
