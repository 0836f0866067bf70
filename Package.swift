// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Kernels are compiled for the machine they are built on; CAJAL_CPU=x86-64-v3 (or another -march value)
// builds for others.
let environment = ProcessInfo.processInfo.environment
let architecture = environment["CAJAL_CPU"] ?? "native"
let tuned: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags(["-Xcc", "-march=\(architecture)"]),
]

// libtorch: the distribution's by default, LIBTORCH=/path for any other build.
let libtorch = environment["LIBTORCH"]
let torchInclude = libtorch.map { "\($0)/include" } ?? "/usr/include"
let torchFlags =
  ["-O2", "-fvisibility=hidden"]
  + (libtorch == nil
    ? ["-std=c++17"] : ["-std=c++20", "-isystem", torchInclude])
  + ["-isystem", "\(torchInclude)/torch/csrc/api/include"]
let torchLinkFlags =
  libtorch.map { ["-L\($0)/lib", "-Xlinker", "-rpath", "-Xlinker", "\($0)/lib"] } ?? []

// The program carries Swift's own libraries with it, where the toolchain on the PATH has them to link: it starts in half
// the time. Tests cannot. CAJAL_STATIC=no leaves them outside.
let hasStaticLibraries =
  (environment["PATH"] ?? "").split(separator: ":")
  .map { URL(fileURLWithPath: "\($0)/swift") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
  .map { $0.resolvingSymlinksInPath().deletingLastPathComponent() }
  .map { $0.appendingPathComponent("../lib/swift_static/linux/libFoundation.a").path }
  .map(FileManager.default.fileExists) ?? false
let programLinkFlags: [LinkerSetting] =
  hasStaticLibraries && environment["CAJAL_STATIC"] != "no"
  ? [
    // lld, for gold warns of a function inside Foundation.
    .unsafeFlags(["-static-stdlib", "-use-ld=lld"]), .linkedLibrary("CoreFoundation"),
    .linkedLibrary("_FoundationICU"), .linkedLibrary("_FoundationCShims"),
    .linkedLibrary("_FoundationCollections"), .linkedLibrary("_CFXMLInterface"), .linkedLibrary("xml2"),
  ] : []

func room(
  _ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = [],
  resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, resources: resources, swiftSettings: tuned)
}

/// Tests spend their time in the rooms: optimising their own code would cost more than it brings.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: tuned + [.unsafeFlags(["-Onone"])])
}

let package = Package(
  name: "Cajal",
  products: [
    .executable(name: "cajal", targets: ["cajal"]),
    .library(
      name: "Cajal",
      targets: [
        "Support", "Tensors", "Statistics", "Datasets", "Recordings", "Neurons", "Control", "Models",
        "Probing",
        "Decomposition", "Alignment", "Circuits", "Figures", "StudyCore", "Reading",
      ]),
    // Loaded on first use of a tensor, so that commands without tensors start at once.
    .library(name: "CajalTorch", type: .dynamic, targets: ["CTorchBackend"]),
    // Loaded where mpirun started the program.
    .library(name: "CajalMPI", type: .dynamic, targets: ["CMPIBackend"]),
  ],
  targets: [
    .systemLibrary(name: "CMalloc"),
    .target(name: "CVector", cSettings: [.unsafeFlags(["-O2"])]),
    .target(
      name: "CQuantised",
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast", "-Wno-psabi"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    // Loaded on first use, as libcurl below: half of the time to start went into linking what stands behind the two.
    .target(name: "CHDF5", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CTorch", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("dl")]),
    // Reads CTorch's headers by their path, not as a dependency: in C++20 Clang would want them as a module.
    .target(
      name: "CTorchBackend", cxxSettings: [.unsafeFlags(torchFlags)],
      linkerSettings: [
        .unsafeFlags(torchLinkFlags + ["-Xlinker", "--no-as-needed"]),
        .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    .target(name: "CCurl", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CMPI", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(
      name: "CMPIBackend", dependencies: ["COpenMPI"],
      cSettings: [.unsafeFlags(["-O2", "-fvisibility=hidden"])]),

    room("Support", ["CMalloc", "CVector"]),
    room("Tensors", ["Support", "CTorch", "CZip"]),
    room("Statistics", ["Support", "Tensors"]),
    room("Recordings", ["Support", "Tensors", "Statistics", "Datasets"]),
    room("Neurons", ["CVector", "CMPI", "Support", "Tensors", "Statistics", "Recordings", "Datasets"]),
    room(
      "Datasets",
      ["Support", "Tensors", "CZlib", "CZip", "CCrypto", "CPNG", "CTurboJPEG", "CHDF5", "CLZ4", "CZstd"]),
    .target(
      name: "CMuJoCo", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("dl")]),
    room("Control", ["CMuJoCo", "Support", "Tensors", "Statistics", "Datasets"]),
    room("Models", ["CQuantised", "CVector", "Support", "Tensors", "Recordings", "Datasets"]),
    room("Probing", ["Support", "Tensors", "Statistics", "Recordings", "Datasets", "Models"]),
    room("Decomposition", ["Support", "Tensors", "Statistics", "Recordings"]),
    room("Alignment", ["Support", "Tensors", "Statistics", "Recordings"]),
    room("Circuits", ["Support", "Tensors", "Statistics", "Recordings", "Datasets"]),
    room("Figures", ["Support", "CPNG"]),
    room(
      "StudyCore", path: "Sources/Studies/Core", ["Support", "Datasets", "Figures", "CSQLite"],
      resources: [.copy("Resources/catalog.json")]),
    room(
      "Reading",
      ["Support", "Tensors", "Recordings", "Models", "Decomposition", "Datasets", "StudyCore", "CCurl"],
      resources: [
        .copy("Resources/Meaning"), .copy("Resources/reading.js"), .copy("Resources/search.js"),
      ]),
    room(
      "NeuronStudies", path: "Sources/Studies/Neurons",
      ["Support", "Tensors", "Recordings", "Neurons", "Datasets", "Figures", "StudyCore"],
      resources: [.copy("Resources/neuronio-memory-15.json")]),
    room(
      "SpikingStudies", path: "Sources/Studies/Spiking",
      ["Support", "Tensors", "Recordings", "Neurons", "Datasets", "Figures", "StudyCore"]),
    room(
      "ControlStudies", path: "Sources/Studies/Control",
      ["Support", "Tensors", "Statistics", "Recordings", "Control", "Datasets", "Figures", "StudyCore"]),
    room(
      "CircuitStudies", path: "Sources/Studies/Circuits",
      ["Support", "Tensors", "Statistics", "Recordings", "Circuits", "Datasets", "Figures", "StudyCore"]),
    room(
      "MemoryStudies", path: "Sources/Studies/Memory",
      [
        "Support", "Tensors", "Statistics", "Recordings", "Neurons", "Datasets", "Figures", "StudyCore",
        "Reading",
      ]),
    room(
      "LanguageStudies", path: "Sources/Studies/Language",
      [
        "Support", "Tensors", "Statistics", "Recordings", "Models", "Probing", "Decomposition", "Datasets",
        "Figures",
        "StudyCore",
      ],
      resources: [.copy("Resources/Texts")]),
    room(
      "PopulationStudies", path: "Sources/Studies/Populations",
      [
        "Support", "Tensors", "Statistics", "Recordings", "Neurons", "Models", "Probing", "Decomposition",
        "Alignment", "Datasets", "Figures", "StudyCore",
      ],
      resources: [.copy("Resources/Recordings")]),
    room(
      "BenchmarkSuite", path: "Benchmarks/Suite",
      [
        "Support", "Tensors", "Statistics", "Recordings", "Neurons", "Control", "Models", "Datasets",
        "Decomposition",
        "Alignment", "Circuits",
      ]),
    .executableTarget(
      name: "cajal",
      dependencies: [
        "Support", "Datasets", "Figures", "StudyCore", "Reading", "NeuronStudies", "SpikingStudies",
        "LanguageStudies",
        "PopulationStudies", "MemoryStudies", "ControlStudies", "CircuitStudies", "Control", "Circuits",
        "Neurons", "Tensors", "Statistics", "Recordings", "Models", "Probing", "Decomposition", "Alignment",
        "BenchmarkSuite",
      ],
      swiftSettings: tuned, linkerSettings: programLinkFlags),

    room("TestSupport", path: "Tests/TestSupport", ["Support"]),
    tests("SupportTests", ["Support"]),
    tests("TensorsTests", ["Tensors", "Support"]),
    tests("StatisticsTests", ["Statistics", "Tensors", "Support"]),
    tests("RecordingsTests", ["Recordings", "Statistics", "Datasets", "Tensors", "Support"]),
    tests("NeuronsTests", ["Neurons", "Recordings", "Statistics", "Datasets", "Tensors", "Support"]),
    tests("ControlTests", ["Control", "Datasets", "Tensors", "Support"]),
    tests("DatasetsTests", ["Datasets", "Tensors", "Support", "TestSupport", "CZlib", "CTurboJPEG"]),
    tests("ModelsTests", ["Models", "CQuantised", "Recordings", "Datasets", "Tensors", "Support"]),
    tests(
      "ProbingTests", ["Probing", "Models", "Datasets", "Recordings", "Statistics", "Tensors", "Support"]),
    tests("DecompositionTests", ["Decomposition", "Statistics", "Recordings", "Tensors", "Support"]),
    tests("AlignmentTests", ["Alignment", "Statistics", "Recordings", "Tensors", "Support"]),
    tests(
      "CircuitsTests",
      ["Circuits", "Recordings", "Statistics", "Datasets", "Tensors", "Support", "TestSupport"]),
    tests("FiguresTests", ["Figures", "Support"]),
    tests(
      "StudyTests",
      [
        "StudyCore", "NeuronStudies", "SpikingStudies", "LanguageStudies", "PopulationStudies",
        "MemoryStudies", "ControlStudies", "CircuitStudies", "Control", "Circuits", "Models",
        "Probing", "Decomposition", "Alignment", "Neurons", "Tensors", "Statistics", "Figures", "Datasets",
        "Support", "CSQLite", "Recordings", "TestSupport",
      ]),
    tests(
      "ReadingTests",
      [
        "Reading", "TestSupport", "StudyCore", "Models", "Datasets", "Tensors", "Support", "CSQLite",
      ]),
    // They start the program, which is built beside them as a product.
    tests("CommandLineTests", ["Support", "Datasets", "StudyCore"]),
  ],
  cxxLanguageStandard: libtorch == nil ? .cxx17 : .cxx20
)
