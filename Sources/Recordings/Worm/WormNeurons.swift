import Foundation
import Support

/// The neurons of the hermaphrodite of C. elegans by name, and the many ways in which laboratories spell them.
public enum WormNeurons {
  /// All 302, sorted as text (`AS1`, `AS10`, `AS11`, `AS2`, …); the pair AWC under the names of its two states, as the atlas has it.
  public static let all: [String] = """
    ADAL ADAR ADEL ADER ADFL ADFR ADLL ADLR AFDL AFDR AIAL AIAR AIBL AIBR AIML AIMR AINL AINR AIYL AIYR AIZL
    AIZR ALA ALML ALMR ALNL ALNR AQR AS1 AS10 AS11 AS2 AS3 AS4 AS5 AS6 AS7 AS8 AS9 ASEL ASER ASGL ASGR ASHL
    ASHR ASIL ASIR ASJL ASJR ASKL ASKR AUAL AUAR AVAL AVAR AVBL AVBR AVDL AVDR AVEL AVER AVFL AVFR AVG AVHL
    AVHR AVJL AVJR AVKL AVKR AVL AVM AWAL AWAR AWBL AWBR AWCOF AWCON BAGL BAGR BDUL BDUR CANL CANR CEPDL
    CEPDR CEPVL CEPVR DA1 DA2 DA3 DA4 DA5 DA6 DA7 DA8 DA9 DB1 DB2 DB3 DB4 DB5 DB6 DB7 DD1 DD2 DD3 DD4 DD5
    DD6 DVA DVB DVC FLPL FLPR HSNL HSNR I1L I1R I2L I2R I3 I4 I5 I6 IL1DL IL1DR IL1L IL1R IL1VL IL1VR IL2DL
    IL2DR IL2L IL2R IL2VL IL2VR LUAL LUAR M1 M2L M2R M3L M3R M4 M5 MCL MCR MI NSML NSMR OLLL OLLR OLQDL
    OLQDR OLQVL OLQVR PDA PDB PDEL PDER PHAL PHAR PHBL PHBR PHCL PHCR PLML PLMR PLNL PLNR PQR PVCL PVCR PVDL
    PVDR PVM PVNL PVNR PVPL PVPR PVQL PVQR PVR PVT PVWL PVWR RIAL RIAR RIBL RIBR RICL RICR RID RIFL RIFR
    RIGL RIGR RIH RIML RIMR RIPL RIPR RIR RIS RIVL RIVR RMDDL RMDDR RMDL RMDR RMDVL RMDVR RMED RMEL RMER
    RMEV RMFL RMFR RMGL RMGR RMHL RMHR SAADL SAADR SAAVL SAAVR SABD SABVL SABVR SDQL SDQR SIADL SIADR SIAVL
    SIAVR SIBDL SIBDR SIBVL SIBVR SMBDL SMBDR SMBVL SMBVR SMDDL SMDDR SMDVL SMDVR URADL URADR URAVL URAVR
    URBL URBR URXL URXR URYDL URYDR URYVL URYVR VA1 VA10 VA11 VA12 VA2 VA3 VA4 VA5 VA6 VA7 VA8 VA9 VB1 VB10
    VB11 VB2 VB3 VB4 VB5 VB6 VB7 VB8 VB9 VC1 VC2 VC3 VC4 VC5 VC6 VD1 VD10 VD11 VD12 VD13 VD2 VD3 VD4 VD5 VD6
    VD7 VD8 VD9
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  /// Without the pair CAN, which no recording names: 300.
  public static let recorded: [String] = all.filter { !$0.hasPrefix("CAN") }

  /// A name as it was written, and the neuron it was taken for.
  public struct Assignment: Sendable, Equatable {
    public let raw: String
    /// Nil where the name says nothing.
    public let name: String?
    /// The place in the list of neurons.
    public let slot: Int?
    /// Whether the name left open which of several neurons it is: its class alone, or with a question mark.
    public let isAmbiguous: Bool
  }

  /// Finds a neuron for every name. Zeros within are dropped (`VB02` is `VB2`, `DB10` stays), letters may be small, AWCL and AWCR stand for the
  /// pair. A class alone takes the first of its neurons that nobody else has: left before right. Of two equal names the surer
  /// keeps it, the first where both are equally sure.
  ///
  /// - Parameters:
  ///   - confidence: How sure each name is; nil for all alike.
  ///   - slots: The neurons that there are.
  public static func assign(
    _ names: [String], confidence: [Double]? = nil, slots: [String] = all
  ) -> [Assignment] {
    precondition(confidence.map { $0.count == names.count } ?? true, "confidences of other names")
    let index = Dictionary(slots.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var result = names.map { Assignment(raw: $0, name: nil, slot: nil, isAmbiguous: false) }
    var taken = Set<Int>()
    let order = names.indices.sorted { a, b in
      let (x, y) = (confidence?[a] ?? 0, confidence?[b] ?? 0)
      return x != y ? x > y : a < b
    }
    // Full names first, so that no class takes the place of a neuron that is named.
    for position in order {
      guard let slot = index[clean(names[position], index)], taken.insert(slot).inserted else { continue }
      result[position] = Assignment(raw: names[position], name: slots[slot], slot: slot, isAmbiguous: false)
    }
    for position in order where result[position].slot == nil {
      let name = clean(names[position], index)
      guard index[name] == nil, let slot = members(of: name, slots).first(where: { !taken.contains($0) }) else {
        continue
      }
      taken.insert(slot)
      result[position] = Assignment(raw: names[position], name: slots[slot], slot: slot, isAmbiguous: true)
    }
    return result
  }

  private static func clean(_ raw: String, _ known: [String: Int]) -> String {
    let name = raw.trimmingCharacters(in: .whitespaces).uppercased()
    if known[name] != nil { return name }
    if name == "AWCL", known["AWCON"] != nil { return "AWCON" }
    if name == "AWCR", known["AWCOF"] != nil { return "AWCOF" }
    // VB02, but not DB10.
    guard let match = name.wholeMatch(of: /([A-Z]+)0+([1-9][0-9]*)/) else { return name }
    return String(match.1) + String(match.2)
  }

  /// The neurons of a class that is given alone or with a question mark, left before right.
  private static func members(of name: String, _ slots: [String]) -> [Int] {
    let stem = name.hasSuffix("?") ? String(name.dropLast()) : name
    guard stem.count >= 2, stem.first!.isLetter, stem != "CAN" || slots.contains("CANL") else { return [] }
    return slots.indices.filter { slot in
      let rest = slots[slot].dropFirst(stem.count)
      return slots[slot].hasPrefix(stem) && (rest == "L" || rest == "R")
    }
  }

  /// What a neuron does, after the classification of its cell: sensory, inter, motor, or other.
  public enum Kind: String, Sendable, CaseIterable, Comparable {
    case sensory, inter, motor, pharyngeal, other

    public static func < (a: Kind, b: Kind) -> Bool {
      allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
    }
  }
}
