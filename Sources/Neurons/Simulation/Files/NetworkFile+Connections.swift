import Support

extension NetworkReader {
  mutating func connect(_ json: LocatedJSON) throws {
    let object = try json.object(
      "a connection",
      keys: ["name", "from", "to", "rule", "weight", "delay", "receptor", "plasticity", "shortTerm"])
    let (from, to) = (try object.required("from"), try object.required("to"))
    let sources = try populations(from)
    let name = try object["name"]?.text("a name")
    for target in try populations(to) {
      let type = try neuronType(of: target, to)
      let input = try input(object["receptor"], of: type, default: .excitatory, json)
      let plasticity = try object["plasticity"].map { try PlasticityReader(unit: input.unit).plasticity($0) }
      let shortTerm = try object["shortTerm"].map(shortTermPlasticity)
      let weight = try object.required("weight").distribution(in: input.unit)
      let delay = try object.required("delay").distribution(in: TimeDimension.unit)
      for source in sources {
        let rule = try RuleReader(sources: source.count, targets: target.count).rule(object.required("rule"))
        try change(json) { network in
          func add<D: PhysicalDimension>(_: D.Type) {
            network.connect(
              source, to: target, rule.rule, weight: Random<D>(rule.sorted(weight)),
              delay: Random<TimeDimension>(rule.sorted(delay)), receptor: input.receptor,
              plasticity: plasticity,
              shortTerm: shortTerm, name: name)
          }
          add(UnitTable.dimension(of: input.unit))
        }
      }
    }
  }
}

/// `{"utilisation": 0.2, "recovery": "200 ms", "facilitation": "600 ms"}`
private func shortTermPlasticity(_ json: LocatedJSON) throws -> ShortTermPlasticity {
  let parts = try json.object(
    "short-term plasticity", keys: ["utilisation", "recovery", "facilitation", "resting"])
  func time(_ key: String) throws -> Double {
    try parts[key]?.positive(TimeDimension.self, orZero: true).value ?? 0
  }
  let restsAtUtilisation = try parts["resting"]?.choice(of: ["zero", "utilisation"]) == "utilisation"
  return ShortTermPlasticity(
    utilisation: try parts.required("utilisation").number("a share from 0 to 1", in: 0...1),
    recoveryTimeConstant: try time("recovery"), facilitationTimeConstant: try time("facilitation"),
    resting: restsAtUtilisation ? .utilisation : .zero)
}

/// Who reaches whom, from a file.
private struct RuleReader {
  struct Rule {
    let rule: ConnectionRule
    /// Where the synapses of the file lie among those of the network, if they are listed.
    var order: [Int]?

    /// Values in the order of the network.
    func sorted(_ distribution: Distribution) -> Distribution {
      guard let order, case .values(let values) = distribution, values.count == order.count else {
        return distribution
      }
      return .values(order.map { values[$0] })
    }
  }

  let sources, targets: Int

  func rule(_ json: LocatedJSON) throws -> Rule {
    guard json.isObject else {
      return Rule(rule: try json.choice(of: ["all", "oneToOne"]) == "all" ? .all() : .oneToOne)
    }
    let kinds = ["all", "fixedProbability", "fixedInDegree", "fixedOutDegree", "smallWorld", "pairs"]
    let object = try json.object("a rule", keys: kinds + ["toSelf"])
    guard object.members.keys.filter(kinds.contains).count == 1,
      let (kind, value) = object.members.first(where: { kinds.contains($0.key) })
    else { throw json.error("needs one of \(kinds.joined(separator: ", "))") }
    let toSelf = try object["toSelf"]?.bool() ?? true
    switch kind {
    case "all":
      guard try value.bool() else { throw value.expected("true") }
      return Rule(rule: .all(toSelf: toSelf))
    case "fixedProbability":
      return Rule(
        rule: .fixedProbability(try value.number("a probability from 0 to 1", in: 0...1), toSelf: toSelf))
    case "fixedInDegree": return Rule(rule: .fixedInDegree(try value.whole(0...sources), toSelf: toSelf))
    case "fixedOutDegree": return Rule(rule: .fixedOutDegree(try value.whole(0...targets), toSelf: toSelf))
    default:
      if let json = object["toSelf"] { throw json.error("has no meaning with '\(kind)'") }
      return try kind == "pairs" ? pairs(value) : smallWorld(value)
    }
  }

  private func smallWorld(_ json: LocatedJSON) throws -> Rule {
    guard sources == targets else {
      throw json.error("needs as many targets as sources, not \(targets) and \(sources)")
    }
    let parts = try json.object("a small world", keys: ["neighbours", "rewiring"])
    let neighbours = try parts.required("neighbours").whole(2...max(2, sources - 1))
    guard neighbours % 2 == 0, neighbours < sources else {
      throw parts["neighbours"]!.expected("an even number")
    }
    let rewiring = try parts.required("rewiring").number("a probability from 0 to 1", in: 0...1)
    return Rule(
      rule: .drawn { count, _, generator in
        .smallWorld(count, neighbours: neighbours, rewiring: rewiring, using: &generator)
      })
  }

  private func pairs(_ json: LocatedJSON) throws -> Rule {
    let pairs = try json.list("pairs of source and target").map { pair in
      let ends = try pair.list("a source and a target")
      guard ends.count == 2 else {
        throw pair.error("has \(ends.count) numbers, expected a source and a target")
      }
      return (source: try ends[0].whole(0...(sources - 1)), target: try ends[1].whole(0...(targets - 1)))
    }
    let order = pairs.indices.sorted {
      (pairs[$0].source, pairs[$0].target) < (pairs[$1].source, pairs[$1].target)
    }
    do {
      return Rule(rule: try .pairs(pairs, sources: sources, targets: targets), order: order)
    } catch let error as CajalError { throw json.error("cannot be: \(error.message)") }
  }
}
