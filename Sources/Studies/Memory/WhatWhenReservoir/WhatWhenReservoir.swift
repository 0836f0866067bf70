import Neurons
import StudyCore
import Support

/// Joint encoding of "what" and "when" predictions through error-modulated plasticity in reservoir spiking networks (2025).
public struct WhatWhenReservoir: Study {
  public init() {}

  public static let paper = Paper(
    slug: "what-when-reservoir",
    title:
      "Joint encoding of \"what\" and \"when\" predictions through error-modulated plasticity in reservoir spiking networks",
    authors: ["Yohei Yamada", "Zenas C. Chao"], year: 2025, arXiv: "2510.14382",
    abstract:
      "One recurrent population of unlike spiking neurons learns behind a cue which event will come, when, and how probably. Only readouts learn, by a local rule: presynaptic trace times error times attention, timing at once and identity when the trial is over. For anyone who models anticipation, or has trials of cue, outcome and latency. This study is a reconstruction from the abstract: the paper's equations and numbers were not at hand."
  )

  public static let method = """
    A reservoir of Izhikevich neurons with different constants, synapses and traces starts every trial from the same state and \
    receives a short cue. Its filtered spikes are read out by "when", one output for events of any kind, and by one "what" for \
    each outcome; their targets are bells at the event. A normalised delta rule with a gate of attention teaches "when" at every \
    millisecond and "what" by replay behind the trial, so that "what" becomes a bell as high as the outcome is probable. \
    Latency, probability and cue are varied, switched and omitted; each prediction is read before its trial is learned from.

    Beside it run recursive least squares (FORCE) as it is, with resets and with forgetting, ridge regression as a ceiling, \
    the rule without its gate, with the gate shut outside, without the offline phase, a reward-modulated rule, a reservoir of \
    rates, and reservoirs of like neurons or like synapses. The architecture, all constants and the rule's equations are ours; \
    only what the abstract says is compared with the paper.
    """

  public static let data = """
    Trials made by the study. As data from outside the eruptions of Old Faithful (272 in a row: short or long, and the wait to \
    the next), from a Python wheel that is fetched once. With --data a CSV file of your own takes their place: columns cue, \
    outcome, latency, a trial a line.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = Bench(options: options, lab: lab)
    lab.note(
      "The paper's equations and numbers were not reachable: reservoir, rule, constants and analyses are a reconstruction from its abstract, and claims are compared with the abstract only."
    )
    if options.runs(.paradigm) { try ParadigmPart(bench: bench).run() }
    if options.runs(.timing) { try TimingPart(bench: bench).run() }
    if options.runs(.calibration) { try CalibrationPart(bench: bench).run() }
    if options.runs(.switching) { try SwitchingPart(bench: bench).run() }
    if options.runs(.geometry) { try GeometryPart(bench: bench).run() }
    if options.runs(.reservoirs) { try ReservoirPart(bench: bench).run() }
    if options.runs(.data) { try RecordedPart(bench: bench).run() }
  }
}
