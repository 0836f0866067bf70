/// The commands on language models.
enum LanguageCommands {
  private static let json = CommandSyntax.Flag(name: "json", value: nil, help: "print JSON, for programs")
  private static let model = CommandSyntax.Flag(
    name: "model", value: "PATH", help: "a GGUF file or a Hugging Face folder (SmolLM2-135M-Instruct)")
  private static let seed = CommandSyntax.Flag(name: "seed", value: "N", help: "seed of all randomness (1)")
  private static func sampling(_ temperature: String) -> [CommandSyntax.Flag] {
    [
      .init(
        name: "temperature", value: "T",
        help: "what logits are divided by; 0 takes the likeliest (\(temperature))"),
      .init(name: "top-k", value: "K", help: "only the K likeliest tokens (0: all)"),
      .init(name: "top-p", value: "P", help: "only the likeliest whose probabilities add up to P (1)"),
      .init(name: "min-p", value: "P", help: "only those at least P times as likely as the likeliest (0)"),
      .init(name: "repetition", value: "F", help: "penalty of tokens that occurred lately (1: none)"),
      seed,
      .init(name: "threads", value: "N", help: "how many threads work (all cores)"),
      .init(name: "context", value: "N", help: "the longest text in tokens (8192, or the model's)"),
    ]
  }

  static let tokens = CommandSyntax(
    name: "tokens", operands: "[TEXT…]",
    summary: "The tokens of a text, of the arguments or the standard input.",
    flags: [model, json],
    examples: [("cajal tokens 'The capital of France is'", "numbers and pieces, one a line")])

  static let generate = CommandSyntax(
    name: "generate", operands: "TEXT…", summary: "Go on with a text, by a language model.",
    flags: [model, .init(name: "tokens", value: "N", help: "how many tokens at most (128)")] + sampling("0")
      + [json],
    examples: [
      ("cajal generate 'Once upon a time' --tokens 60", "writes as it thinks, then says how fast"),
      (
        "cajal generate 'The sea' --temperature 0.8 --min-p 0.05 --seed 3",
        "by chance, the same for the same seed"
      ),
    ])

  static let chat = CommandSyntax(
    name: "chat", operands: "[MESSAGE…]",
    summary: "Talk with a language model: one message, or line by line.",
    flags: [
      model, .init(name: "system", value: "TEXT", help: "what the model is told about itself"),
      .init(name: "tokens", value: "N", help: "how many tokens an answer has at most (512)"),
    ] + sampling("0.7") + [json],
    examples: [
      ("cajal chat", "a conversation; an empty line ends it"),
      ("cajal chat 'What is photosynthesis?' --temperature 0", "one answer"),
    ])

  static let record = CommandSyntax(
    name: "record", operands: "CORPUS",
    summary: "Record neurons of a language model while it reads a corpus; a stopped recording goes on.",
    flags: [
      model,
      .init(
        name: "sites", value: "PATTERN",
        help: "which sites: blocks.*.mlp (the neurons), blocks.3.residual, … (blocks.*.mlp)"),
      .init(name: "out", value: "DIR", help: "the folder of the recording (recording)"),
      .init(
        name: "precision", value: "TYPE", help: "float32 or float16, half the size (float32)",
        choices: ["float16", "float32"]),
      .init(name: "part", value: "N", help: "longer texts are read in parts of N tokens (512)"), json,
    ],
    examples: [
      (
        "cajal record my-texts --out my-recording",
        "my-texts holds <label>.txt, paragraphs parted by empty lines"
      ),
      ("cajal record reviews.jsonl --sites 'blocks.2?.mlp' --precision float16", "ten blocks, half the disk"),
    ])

  static let probe = CommandSyntax(
    name: "probe", operands: "RECORDING | NEURON…",
    summary:
      "What neurons encode: of a recording which go with a label; of a model what they read and write.",
    flags: [
      .init(name: "label", value: "VALUE", help: "the label that neurons shall tell from the others"),
      .init(name: "column", value: "NAME", help: "the column of the samples with the labels (label)"),
      .init(
        name: "unit", value: "UNIT", help: "what a sample is: the mean of a text, or each token (text)",
        choices: ["text", "sample"]),
      .init(name: "permutations", value: "N", help: "of the labels, for the tests (1000)"),
      .init(
        name: "words", value: "A,B", help: "the neurons whose weights stand for these tokens: ' water, dog'"),
      .init(name: "lens", value: "TEXT", help: "what the model would say after each block (logit lens)"),
      .init(name: "norm", value: nil, help: "with the weights of the norm between neuron and stream"),
      .init(name: "top", value: "N", help: "how many are shown"),
      .init(name: "out", value: "DIR", help: "where table, picture and JSON go"), model, seed, json,
    ],
    examples: [
      ("cajal probe my-recording --label french --out probe", "average precision, AUROC, effect size, tests"),
      ("cajal probe 29/1113 29/808", "what two neurons read and write, as tokens"),
      ("cajal probe --lens 'The capital of France is'", "where in the model the answer appears"),
    ])

  static let perturb = CommandSyntax(
    name: "perturb", operands: "TEXT…",
    summary: "What becomes of a text when neurons are ablated, clamped or scaled, beside random neurons.",
    flags: [
      .init(name: "neurons", value: "LIST", help: "BLOCK/NEURON joined by commas: 29/1113,29/44"),
      .init(name: "do", value: "WHAT", help: "ablate, clamp=VALUE or scale=FACTOR (ablate)"),
      .init(
        name: "site", value: "SITE",
        help: "where in the neuron: mlp, mlp.up, mlp.gate or mlp.gate.active (mlp)",
        choices: ["mlp", "mlp.up", "mlp.gate", "mlp.gate.active"]),
      .init(
        name: "continuation", value: "TEXT", help: "how likely this becomes: ' food'", repeats: true),
      .init(name: "texts", value: "CORPUS", help: "texts by label whose perplexity is compared"),
      .init(name: "tokens", value: "N", help: "how many tokens it writes (24)"),
      .init(name: "controls", value: "N", help: "sets of as many random neurons of the same blocks (5)"),
      model, seed, json,
    ],
    examples: [
      (
        "cajal perturb 'The thing I like most is the' --neurons 29/1113 --do clamp=-30 --continuation ' food'",
        "one neuron, and the model talks about food"
      )
    ])

  static let all = [tokens, generate, chat, record, probe, perturb]
}
