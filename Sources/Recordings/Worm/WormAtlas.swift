import Datasets
import Foundation
import Support

/// How each neuron of C. elegans answers when another is activated (the signal propagation atlas of Randi et al., 2023), and
/// the wiring that goes with it.
public struct WormAtlas: Sendable {
  /// The order of rows and columns, N of them.
  public let neurons: [String]
  /// The mean answer of the neuron of each row to the neuron of each column, `[N · N]`, ΔF/F; not a number where it was not
  /// observed.
  public let response: [Double]
  /// The probability of such answers by chance, corrected for the false discovery rate, `[N · N]`.
  public let q: [Double]
  /// How often each pair was observed, `[N · N]`.
  public let observations: [Int]
  /// From pre to post, of White et al. (1986) and Witvliet et al. (2021).
  public let connectome: Connectome

  public enum Strain: String, Sendable, CaseIterable {
    case wildType = "wt"
    /// Without dense-core vesicles, and so without extrasynaptic signals.
    case unc31
  }

  public var count: Int { neurons.count }

  /// From the package `wormneuroatlas`; fetched if it is not here.
  public static func packaged(_ strain: Strain = .wildType) throws -> WormAtlas {
    let data = PackagedData.wormAtlas
    if !data.isPresent() { try data.fetch() }
    return try WormAtlas(
      functional: data.url("funatlas.h5"), anatomical: data.url("aconnectome_default.h5"), strain)
  }

  /// - Parameters:
  ///   - functional: `funatlas.h5`
  ///   - anatomical: `aconnectome_default.h5`
  /// - Throws: `CajalError` naming the file and what is missing in it.
  public init(functional: URL, anatomical: URL, _ strain: Strain = .wildType) throws {
    let root = try HDF5File(contentsOf: functional).root
    let names = try root.dataset("neuron_ids").readTexts().map { $0.trimmingCharacters(in: .whitespaces) }
    let count = names.count
    func matrix(_ path: String, _ root: HDF5Group) throws -> [Double] {
      let data = try root.dataset(path)
      guard data.shape == [count, count] else {
        throw CajalError("\(data.description) has shape \(data.shape), \([count, count]) was expected")
      }
      return try data.read(Double.self)
    }
    response = try matrix("\(strain.rawValue)/dFF", root)
    q = try matrix("\(strain.rawValue)/q", root)
    observations = try matrix("\(strain.rawValue)/occ1", root).map { Int($0) }
    neurons = names
    let wiring = try HDF5File(contentsOf: anatomical).root
    let (chemical, gap) = (try matrix("chem", wiring), try matrix("gap", wiring))
    var edges: [Connectome.Edge] = []
    for pre in 0..<count {
      for post in 0..<count {
        if chemical[pre * count + post] > 0 {
          edges.append(.init(pre, post, weight: chemical[pre * count + post], kind: .chemical))
        }
        if gap[pre * count + post] > 0 {
          edges.append(.init(pre, post, weight: gap[pre * count + post], kind: .electrical))
        }
      }
    }
    connectome = try Connectome(name: "White and Witvliet", neurons: names, edges: edges)
  }
}

/// The wiring diagrams of C. elegans that the package `cect` collects.
public enum WormConnectomes {
  /// By who drew them, in what order.
  public static let names: [(name: String, file: String)] =
    [
      ("Cook 2019", "Cook2019HermReader.json"), ("White 1986", "White_whole.json"),
      ("Varshney 2011", "VarshneyDataReader.json"),
    ] + (1...8).map { ("Witvliet 2021, \($0)", "WitvlietDataReader\($0).json") }

  /// All of them; fetched if they are not here.
  public static func packaged() throws -> [Connectome] {
    let data = PackagedData.wormConnectomes
    if !data.isPresent() { try data.fetch() }
    return try names.map { name, file in
      var connectome = try Connectome(contentsOf: data.url(file))
      connectome.name = name
      return connectome
    }
  }

  /// What each neuron does, after the table of cells of the same package.
  public static func kinds() throws -> [String: WormNeurons.Kind] {
    let data = PackagedData.wormConnectomes
    if !data.isPresent() { try data.fetch() }
    let csv = try CSVFile(contentsOf: data.url("all_cell_info.csv"))
    var kinds: [String: WormNeurons.Kind] = [:]
    for row in csv.rows {
      // "Layer 1 interneuron; motorneuron in White et al." is an interneuron.
      let type = String(row[1].lowercased().prefix { $0 != ";" })
      let senses = ["amphid", "cephalic", "sens", "touch", "phasmid", "o2"]
      kinds[row[0]] =
        type.hasPrefix("pharyngeal")
        ? .pharyngeal
        : type.contains("interneuron")
          ? .inter
          : type.contains("motor") ? .motor : senses.contains(where: type.contains) ? .sensory : .other
    }
    kinds["AWCON"] = .sensory
    kinds["AWCOF"] = .sensory
    return kinds
  }
}
