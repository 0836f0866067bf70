/// Every command with its syntax, in the order of the help.
enum Commands {
  static let json = CommandSyntax.Flag(name: "json", value: nil, help: "print JSON, for programs")

  static let run = CommandSyntax(
    name: "run", operands: "SLUG…", summary: "Run published systems and answer for their claims.",
    flags: [
      .init(
        name: "size", value: "SIZE",
        help: "quick (under 20 s), standard (1 to 5 minutes, the default) or full",
        choices: ["quick", "standard", "full"]),
      .init(
        name: "set", value: "KEY=VALUE", help: "set an option of the study; 'cajal show SLUG' lists them",
        repeats: true),
      .init(name: "seed", value: "N", help: "seed of all randomness (1)"),
      .init(name: "data", value: "PATH", help: "your own data instead of the study's"),
      .init(name: "out", value: "DIR", help: "where figures, tables and the report go"),
      json,
    ],
    examples: [
      ("cajal run sdr-dendrites --size quick", "a first look, in seconds"),
      ("cajal run sdr-dendrites --set trials=100000 --seed 7", "with an option and a seed of your own"),
    ], completes: "slugs")

  static let show = CommandSyntax(
    name: "show", operands: "SLUG", summary: "A paper: method in brief, options, data, last results.",
    flags: [json],
    examples: [("cajal show quadratic-networks", "what it is, what can be set, what was found")],
    completes: "slugs")

  static let results = CommandSyntax(
    name: "results", operands: "[SLUG]", summary: "Past runs, compared.", flags: [json],
    examples: [
      ("cajal results", "the newest runs of all studies"),
      ("cajal results sdr-dendrites --json", "for a program"),
    ], completes: "slugs")

  static let verify = CommandSyntax(
    name: "verify", operands: "[SLUG] [FILE]", summary: "Compare numeric kernels with reference vectors.",
    flags: [json],
    examples: [
      ("cajal verify", "all studies against the vectors that come with Cajal"),
      ("cajal verify sdr-dendrites my-vectors.json", "against vectors of your own, in the same format"),
    ], completes: "slugs")

  static let data = CommandSyntax(
    name: "data", operands: "[list | fetch NAME… | make NAME | info FILE…]",
    summary: "Data sets: what, where from, licence, size, state; fetch, make and describe them.",
    flags: [
      .init(name: "out", value: "FILE", help: "where made data go; Cajal's folder by default"),
      .init(
        name: "set", value: "KEY=VALUE",
        help: "a setting of made data: takes, channels, seed, voices, test, languages", repeats: true),
      json,
    ],
    examples: [
      ("cajal data", "what there is, and what is here"),
      ("cajal data fetch breast-cancer wine", "bring two tables, checked by their SHA-256"),
      (
        "cajal data make spoken-digits --out digits.h5 --set takes=4",
        "digits spoken by espeak-ng, as spikes of 700 channels in the layout of SHD"
      ),
      ("cajal data info digits.h5", "what a file of spikes, events, networks or sound holds"),
    ], completes: "data")

  static let bench = CommandSyntax(
    name: "bench", operands: "[NAME…]",
    summary: "This machine's figures, beside its peers where they are installed.",
    flags: [
      .init(name: "python", value: "PATH", help: "the Python with the peers; 'make bench' makes one"),
      .init(
        name: "sample", value: "NAME",
        help: "run one benchmark once, in this process, and print its times as JSON"),
      json,
    ],
    examples: [
      ("cajal bench", "all of ours"),
      ("cajal bench recurrent-tiny --python .venv/bin/python", "one, with its peer in turns"),
    ], completes: "benchmarks")

  static let completion = CommandSyntax(
    name: "completion", operands: "bash|zsh|fish", summary: "Print a completion script for a shell.",
    flags: [],
    examples: [("source <(cajal completion bash)", "complete commands, options and papers with Tab")],
    completes: "shells")

  static let version = CommandSyntax(
    name: "version", operands: "", summary: "Print the version.", flags: [],
    examples: [("cajal version", "prints it")])

  static var all: [CommandSyntax] {
    [
      PapersCommand.syntax, run, show, results, GalleryCommand.syntax, verify, data, SimulateCommand.syntax,
      RecordingCommand.syntax,
    ]
      + LanguageCommands.all
      + [CompareCommand.syntax, bench, completion, version]
  }

  static var overview: String {
    let width = all.map(\.name.count).max() ?? 0
    let lines = all.map { "  \(pad($0.name, width))  \($0.summary)" }
    return """
      Cajal: build, record, probe, perturb and compare neurons; run published systems claim by claim.

      Usage: cajal COMMAND [options]

      Commands:
      \(lines.joined(separator: "\n"))

      Start with:
        cajal papers
            what there is
        cajal run sdr-dendrites --size quick
            run a paper's claims, with a report to look at
        cajal chat 'What is a neuron?'
            a small language model; 'cajal probe' and 'cajal perturb' open it
        cajal help run
            all about one command
      """
  }
}
