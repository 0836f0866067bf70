import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension ExpressiveLeakyMemoryStudy {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "ExpressiveLeakyMemory", in: "Neurons",
      "the neuron, both versions; dense input [T, B, N] or SynapticEvents; states, traces, time constants; routing none, random, windows; weights as PyTorch, safetensors or JSON"
    ),
    LibraryPart("SurrogateTraining", in: "Neurons", "how it is fitted to spikes and voltage"),
    LibraryPart("NeuronIOLoss", in: "Neurons", "how it is fitted to spikes and voltage"),
    LibraryPart(
      "SurrogatePrediction", in: "Neurons",
      "windows with burn-in; area under the curve with ties, true positives at given false ones, errors of the voltage with and without the rescaling of the published evaluation"
    ),
    LibraryPart(
      "SurrogateScore", in: "Neurons",
      "windows with burn-in; area under the curve with ties, true positives at given false ones, errors of the voltage with and without the rescaling of the published evaluation"
    ),
    LibraryPart(
      "ROCCurve", in: "Statistics",
      "windows with burn-in; area under the curve with ties, true positives at given false ones, errors of the voltage with and without the rescaling of the published evaluation"
    ),
    LibraryPart(
      "SynapticRecordings", in: "Datasets",
      "recordings of one neuron, NeuronIO's files; random input whose rates wander"),
    LibraryPart(
      "FluctuatingRates", in: "Datasets",
      "recordings of one neuron, NeuronIO's files; random input whose rates wander"),
  ]
}

extension HomeostaticNetworks {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "HomeostaticRegulator", in: "Neurons",
      "a need, raised and lowered by what the network reports, that sets its learning rate"),
    LibraryPart(
      "Perceptron", in: "Neurons",
      "an online network for minibatches that can imagine a step before it takes it"),
    LibraryPart("OnlineTrainer", in: "Neurons", "trains on a stream of samples under any regulator"),
    LibraryPart("RememberingLearner", in: "Neurons", "makes a learner of any model with a gradient"),
    LibraryPart(
      "ConceptShift", in: "Neurons", "swaps labels so many times an epoch, in seasons, or by a list"),
    LibraryPart("OnlineTrace", in: "Neurons", "accuracy before learning, rates, swaps, recovery"),
  ]
}

extension QuadraticNetworks {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "QuadraticLinear", in: "Neurons",
      "layers; kinds full, compact, productOnly, linearPlusSquare, and quadraticForm (dense)"),
    LibraryPart(
      "QuadraticConvolution", in: "Neurons",
      "layers; kinds full, compact, productOnly, linearPlusSquare, and quadraticForm (dense)"),
    LibraryPart("QuadraticInitialisation", in: "Neurons", "reLinear or random"),
    LibraryPart(
      "ReLinear", in: "Neurons",
      "shrinkGradients, shrinkL1, shrinkL2, with a strength each for gate and square"),
    LibraryPart(
      "DenseNetwork", in: "Neurons",
      "networks, quadratic or conventional; QResNet of depth 6n+2, any widths, shortcut A or B, ReZero"),
    LibraryPart(
      "QResNet", in: "Neurons",
      "networks, quadratic or conventional; QResNet of depth 6n+2, any widths, shortcut A or B, ReZero"),
    LibraryPart(
      "SupervisedTraining", in: "Neurons", "a training that records a collapse instead of crashing"),
    LibraryPart(
      "CollapseMonitor", in: "Neurons",
      "activity by layer, and where it stopped being finite, through the tap"),
  ]
}

extension SDRDendrites {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "RecognitionTheory", in: "Neurons",
      "exact error rates, down to 1e-40 and below; unions; neurons; competing neurons; solvers; curves"),
    LibraryPart(
      "RecognitionTrials", in: "Neurons",
      "the same by Monte-Carlo on explicit random sets, with BinomialEstimate for Wilson intervals"),
    LibraryPart(
      "SDR", in: "Neurons",
      "one sparse code; many, packed for AVX-512 counting; many, inverted for sparse queries"),
    LibraryPart(
      "SDRMatrix", in: "Neurons",
      "one sparse code; many, packed for AVX-512 counting; many, inverted for sparse queries"),
    LibraryPart(
      "SDRIndex", in: "Neurons",
      "one sparse code; many, packed for AVX-512 counting; many, inverted for sparse queries"),
    LibraryPart(
      "DendriticSegment", in: "Neurons",
      "segments with threshold, power or sigmoid; storing, clustering and permanence learning"),
    LibraryPart(
      "DendriticNeuron", in: "Neurons",
      "segments with threshold, power or sigmoid; storing, clustering and permanence learning"),
    LibraryPart(
      "CompetingNeurons", in: "Neurons",
      "segments with threshold, power or sigmoid; storing, clustering and permanence learning"),
  ]
}
