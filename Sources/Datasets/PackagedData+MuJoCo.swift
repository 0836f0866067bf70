// The physics engine, a library that comes in a wheel.
extension PackagedData {
  /// MuJoCo's C library for 64-bit Intel and AMD processors; others name their own with `MUJOCO=/path`.
  public static let mujoco = PackagedData(
    name: "mujoco", summary: "MuJoCo 4.0.0, the physics engine: its C library", licence: "Apache-2.0",
    size: 9_200_000, source: .wheel(package: "mujoco-core", version: "4.0.0"),
    files: [
      File(
        member: "mujoco/libmujoco.so.4.0.0",
        sha256: "90bc997a73efc90624a120f63eccd67441dfc6c705cd537357508f44757880ba")
    ])
}
