import Figures
import Models
import Probing
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// How much of the map survives a change of the weights: claim 5.
  struct AgreementPart {
    let bench: Bench

    /// Agreement along tuning, with one learning rate.
    struct Course {
      let rate: Double
      var steps: [Double] = [0]
      var agreement: [Double] = [1]
      /// The mean loss of the first and the last steps, in nats a token.
      var losses: [Double] = []
      var last: TopTokens
    }

    func run() throws {
      let neurons = bench.neurons(bench.options.agreementNeurons)
      let base = try map(bench.model.decoder, neurons, "the model")
      let rounded = try withRoundedWeights { try map(bench.model.decoder, neurons, "rounded") }
      let permuted = permutedAgreement(base)
      bench.lab.measure("agreement.rounded", base.agreement(with: rounded))
      bench.lab.measure("agreement.permuted", permuted)
      let courses =
        try bench.options.tuningSteps == 0
        ? [] : bench.options.tuningRates.map { try tuned($0, base, neurons) }
      let floor = try bench.options.smallSteps == 0 ? nil : SmallModels(bench: bench).agreement()
      for course in courses {
        bench.lab.measure("agreement.tuned.\(course.rate)", course.agreement.last!)
      }
      if let floor { bench.lab.measure("agreement.independent", floor.agreement) }
      bench.lab.add(claim(base, rounded, permuted, courses, floor))
      guard !courses.isEmpty else { return }
      try bench.lab.add(figure(courses))
      try bench.lab.add(blockFigure(base, rounded, courses, neurons.count))
    }

    private func map(_ decoder: Decoder, _ neurons: [Int], _ name: String) throws -> TopTokens {
      try NeuronDecoder(decoder, isNormAware: bench.options.normAware).map(.up, neurons: neurons) {
        try bench.lab.progress("map of \(name)", $0, of: decoder.blocks.count, unit: "blocks")
      }
    }

    /// The agreement with the same map, neurons of a block in another order: chance.
    private func permutedAgreement(_ map: TopTokens) -> Double {
      var generator = bench.lab.generator("permuted")
      let each = map.tokens.count / bench.model.decoder.blocks.count
      var other = map
      for start in stride(from: 0, to: map.tokens.count, by: each) {
        let shift = each > 1 ? 1 + generator.integer(below: each - 1) : 0
        for i in 0..<each { other.tokens[start + i] = map.tokens[start + (i + shift) % each] }
      }
      return map.agreement(with: other)
    }

    /// Runs `body` with changed up-projections, and puts the weights back.
    private func restoring<Result>(_ body: () throws -> Result) rethrows -> Result {
      let parameters = bench.model.decoder.blocks.map(\.feedForward.up)
      let kept = parameters.map { $0.value.detached().cloned() }
      defer { withoutGradients { for (p, value) in zip(parameters, kept) { p.value = value } } }
      return try body()
    }

    /// The up-projections rounded to four bits, in blocks of 32 numbers with one scale.
    private func withRoundedWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
      try restoring {
        withoutGradients {
          for block in bench.model.decoder.blocks {
            let weight = block.feedForward.up
            weight.value = Self.rounded(weight.value.detached())
          }
        }
        return try body()
      }
    }

    static func rounded(_ weight: Tensor) -> Tensor {
      let shape = weight.shape
      guard shape.last! % 32 == 0 else { return weight }
      let blocks = weight.reshaped(-1, 32)
      let scale = blocks.abs().max(axes: [1], keep: true).clamped(atLeast: 1e-12) / 7
      return ((blocks / scale).round() * scale).reshaped(shape)
    }

    /// Tunes the up-projections on the tale, and compares maps on the way.
    private func tuned(_ rate: Double, _ base: TopTokens, _ neurons: [Int]) throws -> Course {
      try restoring {
        let parameters = bench.model.decoder.blocks.map(\.feedForward.up)
        for parameter in parameters { parameter.isFrozen = false }
        defer { for parameter in parameters { parameter.isFrozen = true } }
        var generator = bench.lab.generator("tuning")
        var course = Course(rate: rate, last: base)
        let total = bench.options.tuningSteps
        let text = bench.model.tokenizer.encode(try StudyTexts.text("harbour-tale.txt"))
        let training = DecoderTraining(steps: total, learningRate: rate, weightDecay: 0, warmUp: 1)
        course.losses = try training.run(bench.model.decoder, using: &generator) { step, _ in
          try bench.lab.progress("tuning at rate \(short(rate))", step, of: total, unit: "steps")
          guard step % max(1, total / 4) == 0 || step == total else { return }
          course.last = try map(bench.model.decoder, neurons, "tuned model")
          course.steps.append(Double(step))
          course.agreement.append(base.agreement(with: course.last))
        } batch: {
          Self.windows(text, count: 8, length: 32, &$0)
        }
        return course
      }
    }

    /// Pieces of a text from random places on.
    static func windows(_ text: [Int], count: Int, length: Int, _ generator: inout RandomGenerator)
      -> [DecoderTraining.Row]
    {
      (0..<count).map { _ in
        let start = generator.integer(below: text.count - length)
        return DecoderTraining.Row(tokens: Array(text[start...start + length]))
      }
    }
  }
}
