import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension WormSwimming {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "WormMotorCircuit", in: "Control",
      "the circuit for any number of joints: shared or own weights, signs kept or free, commands to turn and to slow down; over tensors with gradients too"
    ),
    LibraryPart(
      "Swimmer", in: "Control",
      "the control suite's swimmer of any length, by MuJoCo or by the same equations written for this body"),
    LibraryPart(
      "SwimmerBody", in: "Control",
      "the control suite's swimmer of any length, by MuJoCo or by the same equations written for this body"),
    LibraryPart(
      "MuJoCoModel", in: "Control", "any MJCF model through MuJoCo's C library, loaded on first use"),
    LibraryPart(
      "MuJoCoState", in: "Control", "any MJCF model through MuJoCo's C library, loaded on first use"),
    LibraryPart(
      "EvolutionStrategy", in: "Control", "learning of any list of numbers, of any Environment by an Actor"),
    LibraryPart(
      "ProximalPolicy", in: "Control", "learning of any list of numbers, of any Environment by an Actor"),
    LibraryPart("BodyWave", in: "Control", "lags between joints, frequency"),
  ]
}
