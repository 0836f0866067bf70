import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension HippocampalCAM {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "ContentAddressableMemory", in: "Neurons",
      "the memory: operations, scripts at given times, answers with what else came out, weights, spikes, files"
    ),
    LibraryPart(
      "ContentAddressableCircuit", in: "Neurons", "the same populations within a Network of your own"),
    LibraryPart("MemoryScript", in: "Neurons", "memories and questions with names, from CSV and JSON"),
    LibraryPart(
      "AssociationTable", in: "Neurons", "what a table would answer, and how far answers are from it"),
    LibraryPart("RecallScore", in: "Neurons", "what a table would answer, and how far answers are from it"),
    LibraryPart(
      "WillshawMemory", in: "Neurons", "the classical associative memories, with their capacity theory"),
    LibraryPart(
      "HopfieldMemory", in: "Neurons", "the classical associative memories, with their capacity theory"),
  ]
}

extension WhatWhenReservoir {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "IzhikevichReservoir", in: "Neurons",
      "unlike neurons, sparse weights, any input [T, C]; membrane noise; homogeneous variants that keep the wiring; weights of your own"
    ),
    LibraryPart(
      "RateReservoir", in: "Neurons", "the usual reservoir of rates; both conform to Reservoir, as yours may"),
    LibraryPart(
      "TrialTiming", in: "Neurons",
      "a drive that tells time: half-sine pulses that tile the trial from the cue on"),
    LibraryPart(
      "PredictionTask", in: "Neurons",
      "trials made from probabilities, latencies and jitter, in blocks; trials observed"),
    LibraryPart(
      "RecordedTrials", in: "Neurons",
      "trials made from probabilities, latencies and jitter, in blocks; trials observed"),
    LibraryPart(
      "WhatWhenReadout", in: "Neurons", "rules local, recursiveLeastSquares, rewardModulated; ridge"),
    LibraryPart("NormalisedDeltaRule", in: "Neurons", "the rules alone"),
    LibraryPart("AttentionGate", in: "Neurons", "the rules alone"),
  ]
}
