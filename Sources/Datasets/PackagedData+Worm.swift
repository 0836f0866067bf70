import Foundation

// What is known of the wiring and the signals of a worm.
extension PackagedData {
  /// How neurons of C. elegans answer each other, and the wiring that goes with it.
  public static let wormAtlas = PackagedData(
    name: "worm-atlas", summary: "the signal propagation atlas of C. elegans (Randi et al., 2023), and its wiring, HDF5",
    licence: "GPL-3.0-or-later (the package)", size: 37_760_635,
    source: .wheel(package: "wormneuroatlas", version: "0.0.7.3"),
    files: [
      ("data/funatlas.h5", "53a99055667b853e1d3d6be573ec2613d38c9f6989f302ec38ecd38dd50c7975"),
      ("data/aconnectome_default.h5", "804aa4b02ca50721126256928e82aa27e999f17f3fd740ceb13c2fc6a2e9c5bd"),
    ].map { File(member: "wormneuroatlas/\($0.0)", sha256: $0.1) })

  /// Wiring diagrams of C. elegans: Cook et al. (2019), White et al. (1986), Varshney et al. (2011), and eight ages of
  /// Witvliet et al. (2021).
  public static let wormConnectomes = PackagedData(
    name: "worm-connectomes", summary: "eleven wiring diagrams of C. elegans from four studies, and a table of its cells",
    licence: "MIT (the package); cite the papers", size: 13_634_816,
    source: .wheel(package: "cect", version: "0.3.5"),
    files: [
      ("cache/Cook2019HermReader.json", "98bdafffce1341d3443a83066a6225a977c8218c28c27d69e4bd465782bd4cc8"),
      ("cache/White_whole.json", "beef7d5b1d00a03f757b24494f9a4844b88d2c73adf8db42754291815d56dabb"),
      ("cache/VarshneyDataReader.json", "da9a971f3d4c34b394dd3839dc3e3c8a73634d7f193680caaff11d0fc2a6086e"),
      ("cache/WitvlietDataReader1.json", "2656a6c34944bb84f1b8eed8ec5666016fbfd0b8d8db02bb160746c5afa02687"),
      ("cache/WitvlietDataReader2.json", "ac972ce70e6a569d7c120f66dae535e20527293c1463f366fbe3e6fe44345d90"),
      ("cache/WitvlietDataReader3.json", "e7c1b023c18402037b4499956642721126b946ff516024de19335855183c89d3"),
      ("cache/WitvlietDataReader4.json", "8e6b5ca9afcaf58834aacc74cb9784a634947b2eed5238395e281f2cae4e680c"),
      ("cache/WitvlietDataReader5.json", "34511bf183edecb2ed9109b17b5b33499dbc6556637fa265008a13e0ce517e7d"),
      ("cache/WitvlietDataReader6.json", "e3b73f6e976e37d737ae5530933eb2d7f8e8fe80ca0b554116136ad2da1319eb"),
      ("cache/WitvlietDataReader7.json", "aeff178edcc14f5e818f6c54a138bffcfd5aab27dd8153e2906de1fd6cd8669f"),
      ("cache/WitvlietDataReader8.json", "3d2de8dc9e23f663d074dfbb2371367d64ec64ebc8469234e4f14ef78d539ad7"),
      ("data/all_cell_info.csv", "63c6fc5f55c90df092b24afe1cbfc96da63f577288e74621d6395fc195e6221d"),
    ].map { File(member: "cect/\($0.0)", sha256: $0.1) })
}
