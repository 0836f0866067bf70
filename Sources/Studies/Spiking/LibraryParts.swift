import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension HebbianOrthogonalProjection {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "HebbianSubspace", in: "Neurons",
      "the rule, with frozen rows, momentum, spiking answers, optional exact orthonormality"),
    LibraryPart(
      "GradientProjectionMemory", in: "Neurons",
      "the same place filled by singular vectors at the end of each task (GPM)"),
    LibraryPart(
      "ProjectedLinear", in: "Neurons",
      "synapses that learn outside a protected subspace; feedback through the weights, random or sign-symmetric"
    ),
    LibraryPart(
      "ProjectedConvolution", in: "Neurons",
      "synapses that learn outside a protected subspace; feedback through the weights, random or sign-symmetric"
    ),
    LibraryPart(
      "SpikingNetwork", in: "Neurons",
      "dense and convolutional classifiers; tasks in a row, one head or one a task, replay, joint training, saving and going on"
    ),
    LibraryPart(
      "ContinualTrainer", in: "Neurons",
      "dense and convolutional classifiers; tasks in a row, one head or one a task, replay, joint training, saving and going on"
    ),
    LibraryPart(
      "LearningRule", in: "Neurons",
      "dsr (DSRNeurons), bptt (LIF), ottt (OnlineLIF with SpikeTrace); each usable by itself"),
    LibraryPart(
      "TruncatedBackpropagation", in: "Neurons", "long sequences in windows, for any model with a state"),
  ]
}

extension HeterogeneousDelays {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "SpikeRaster", in: "Neurons",
      "events of a camera on a grid of pixels and steps, or spikes of neurons without a place"),
    LibraryPart(
      "DelayKernelLayer", in: "Neurons",
      "a layer of spiking neurons with several delayed synapses an input; classifies, is pruned, read as synapses"
    ),
    LibraryPart("MotifTraining", in: "Neurons", "learns the layer from labelled events"),
    LibraryPart(
      "EventDrivenMotifs", in: "Neurons", "runs a pruned layer spike by spike and counts its additions"),
    LibraryPart("MotionWorld", in: "Datasets", "labelled movies of any images"),
    LibraryPart("EventEncoder", in: "Datasets", "events of any frames"),
  ]
}

extension LearnedDelays {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "DelayedProjection", in: "Neurons",
      "one layer of delayed synapses; kernels gaussian, triangular, bilinear; several taps; masks; withWholeDelays { }, fixDelays()"
    ),
    LibraryPart("WidthSchedule", in: "Neurons", "how kernels shrink"),
    LibraryPart(
      "DelayedNetwork", in: "Neurons",
      "the classifier with none, fixed or learned delays, and how it is trained"),
    LibraryPart(
      "DelayedTraining", in: "Neurons",
      "the classifier with none, fixed or learned delays, and how it is trained"),
    LibraryPart("EventDrivenNetwork", in: "Neurons", "the network with whole delays as queues and events"),
    LibraryPart("SpikeMotifs", in: "Datasets", "made motifs, spoken digits through a cochlea, spike files"),
    LibraryPart("SpokenDigits", in: "Datasets", "made motifs, spoken digits through a cochlea, spike files"),
    LibraryPart(
      "LabelledSpikes", in: "Datasets", "made motifs, spoken digits through a cochlea, spike files"),
  ]
}
