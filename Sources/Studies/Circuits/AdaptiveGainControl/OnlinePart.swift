import Circuits
import Figures
import StudyCore
import Support

/// Claim 6: gains that follow stimuli one by one, there and back; and synapses in their place.
struct OnlinePart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  /// The last stimuli of a phase, over which gains are averaged.
  private static let averaged = 100
  static let tolerance = 0.06

  /// One sequence: biased stimuli, then uniform ones.
  private struct Course: Sendable {
    let trace: AdaptationTrace
    /// The largest distance of a mean gain from the optimum, at the end of both phases.
    let misses: [Double]
    let halfTime: Int?
    /// How far along the line from the old optimum to the new one, stimulus by stimulus.
    let gainProgress: [Double]
    /// The same for synapses, at a tenth of the rate and at the same.
    let slowWeights, equalWeights: [Double]
  }

  /// Both optima of what adapts.
  private struct Ends: Sendable {
    let usual, adapted: [Double]

    func progress(_ state: [Double]) -> Double {
      var (along, length) = (0.0, 0.0)
      for k in state.indices {
        let way = adapted[k] - usual[k]
        along += (state[k] - usual[k]) * way
        length += way * way
      }
      return along / length
    }
  }

  func report() throws {
    let objective = try bench.objective()
    let found = try bench.adaptation(objective)
    let gains = Ends(usual: found.usual.gains, adapted: found.adapted.gains)
    try lab.progress("optimal weights", 0, of: 1)
    let ones = [Double](repeating: 1, count: options.neurons)
    let usual = try objective.adaptWeights(to: found.report.reference, gains: ones)
    let adapted = try objective.adaptWeights(to: found.report.context, gains: ones, from: usual.weights)
    let weights = Ends(usual: usual.weights, adapted: adapted.weights)
    let courses = try batches { index in
      try course(lab.generator("sequence.\(index)"), objective, found, gains, weights)
    }
    let ways = [\Course.gainProgress, \.slowWeights, \.equalWeights].map { way in
      Self.means(courses.map { $0[keyPath: way] })
    }
    let times = ways.map { way in way.firstIndex { $0 >= 0.5 }.map { $0 + 1 } }
    measure(courses, times)
    lab.add(claim(courses, times))
    try lab.add(table(courses))
    let figures = OnlineFigures(lab)
    try figures.gains(courses.map(\.trace), found, phase: options.onlineStimuli)
    let labels = [
      "gains, \(short(options.rate))", "synapses, \(short(options.rate / 10))",
      "synapses, \(short(options.rate))",
    ]
    try figures.progress(zip(labels, ways).map { ($0, $1) })
  }

  /// Sequences side by side, with reports between batches.
  private func batches(_ body: @Sendable (Int) throws -> Course) throws -> [Course] {
    var courses: [Course] = []
    let batch = 2 * Threads.count
    while courses.count < options.sequences {
      try lab.progress("adapting online", courses.count, of: options.sequences, unit: "sequences")
      let start = courses.count
      courses += try parallelMap(
        min(batch, options.sequences - start), throwing: { try body(start + $0) })
    }
    return courses
  }

  private func course(
    _ generator: RandomGenerator, _ objective: GainObjective, _ found: GainBench.Adaptation, _ gains: Ends,
    _ weights: Ends
  ) throws -> Course {
    var generator = generator
    let length = options.onlineStimuli
    let biased = try GainBench.context(options.stimuli, options.probability)
    let uniform = OrientationEnsemble(uniform: options.stimuli)
    let there = biased.sequence(length, using: &generator)
    let back = uniform.sequence(length, using: &generator)
    let rule = OnlineGainRule(
      rate: options.rate, settling: options.settling == "solved" ? .solved : .relaxed())
    let trace = try rule.run(objective, stimuli: there + back, from: gains.usual)
    let ones = [Double](repeating: 1, count: options.neurons)
    // Synapses that leave the range of stability have adapted to nothing.
    func synapses(_ rate: Double) -> [Double] {
      let trace = try? OnlineWeightRule(rate: rate).run(
        objective, stimuli: there, gains: ones, from: weights.usual)
      return trace?.states.map(weights.progress) ?? Array(repeating: .nan, count: length)
    }
    let neuron = found.adapterNeuron
    let misses = [(length, gains.adapted), (2 * length, gains.usual)].map { end, optimum in
      zip(trace.mean(end - Self.averaged..<end), optimum).map { abs($0 - $1) }.max()!
    }
    return Course(
      trace: trace, misses: misses,
      halfTime: trace.halfTime(from: gains.usual[neuron], to: gains.adapted[neuron]) { $0[neuron] },
      gainProgress: trace.states.prefix(length).map(gains.progress),
      slowWeights: synapses(options.rate / 10), equalWeights: synapses(options.rate))
  }

  private static func means(_ courses: [[Double]]) -> [Double] {
    courses[0].indices.map { t in Spread(courses.map { $0[t] }).mean }
  }

  /// - Parameter times: When the mean over sequences has gone half of the way: gains, slow synapses, synapses.
  private func measure(_ courses: [Course], _ times: [Int?]) {
    lab.measure("online.miss.biased", Spread(courses.map { $0.misses[0] }).mean)
    lab.measure("online.miss.uniform", Spread(courses.map { $0.misses[1] }).mean)
    lab.measure("online.halfTime", medianHalfTime(courses), unit: "stimuli")
    for (name, time) in zip(["gains", "weights", "weightsAtEqualRate"], times) {
      if let time { lab.measure("online.halfWay.\(name)", Double(time), unit: "stimuli") }
    }
  }

  private func medianHalfTime(_ courses: [Course]) -> Double {
    let times = courses.map { Double($0.halfTime ?? .max) }.sorted()
    return times[times.count / 2]
  }

  private func claim(_ courses: [Course], _ times: [Int?]) -> Claim {
    let misses = (0..<2).map { phase in Spread(courses.map { $0.misses[phase] }) }
    let half = medianHalfTime(courses)
    let isNear = misses.allSatisfy { $0.mean <= Self.tolerance }
    let isFast = (15...60).contains(half)
    let isFaster = times[0].map { $0 < times[1] ?? .max } ?? false
    func text(_ time: Int?) -> String { time.map { "\($0) stimuli" } ?? "never" }
    var reasons: [String] = []
    if !isNear { reasons.append("mean gains end further from the optima") }
    if !isFast { reasons.append("half of the contrast takes another time") }
    if !isFaster {
      reasons.append(
        "synapses at a tenth of the rate are not slower: there are N times as many, and every one of a row moves the same response"
      )
    }
    let within = courses.count { $0.misses.allSatisfy { $0 <= Self.tolerance } }
    return Claim(
      "6", "Gains adapt within tens of stimuli, and come back; synapses would be slower.",
      paper: "adaptation is fast and reversible, which changes of synapses are not",
      test:
        "\(options.onlineStimuli) biased stimuli, then as many uniform ones, a step of \(short(options.rate)) behind each; \(courses.count) random sequences. Synapses: the same objective, a tenth of the rate, gains at 1; half way along the line between both optima, mean over sequences",
      criterion:
        "gains averaged over the last 100 stimuli of either phase within 0.06 of the optima, mean over sequences of the largest distance; half of the adapter's contrast (median of the first time) in 15 to 60 stimuli; synapses half way later than gains",
      measured:
        "largest distance \(misses[0].text(3)) and \(misses[1].text(3)), both within 0.06 in \(within) of \(courses.count) sequences; half of the contrast after \(short(half)) stimuli; half way: gains \(text(times[0])), synapses \(text(times[1])) (at the gains' rate \(text(times[2])))",
      holds: isNear && isFast && isFaster, reason: reasons.joined(separator: "; "))
  }

  private func table(_ courses: [Course]) -> Table {
    var table = Table(
      name: "online", caption: "Online adaptation by random sequence of stimuli.",
      columns: [
        "sequence", "distance from the biased optimum", "distance from the uniform optimum",
        "stimuli to half of the contrast",
      ])
    for (index, course) in courses.prefix(24).enumerated() {
      table.append([
        .integer(index + 1), .number(course.misses[0]), .number(course.misses[1]),
        course.halfTime.map { .integer($0) } ?? .missing,
      ])
    }
    return table
  }
}
