import Support
import Tensors

/// BDH as a graph of neurons with local rules (the paper's "equations of reasoning"): everything that happens, happens at an edge
/// and its two ends.
///
/// Two pairs of graphs with positive weights, one exciting and one inhibiting, carry activity; on a fifth lie the synapses of working
/// memory, which grow where presynaptic activity meets postsynaptic activity. It computes what the low-rank form computes
/// without normalisation (``DragonHatchlingConfiguration/normalises`` off, activity as residual, one head), in 64 bits: for small n, to
/// look into.
public struct DragonHatchlingGraph: Sendable {
  /// Edges with positive weights.
  public struct Edges: Sendable, Equatable {
    public var from: [Int] = []
    public var to: [Int] = []
    public var weights: [Double] = []
    public var count: Int { weights.count }

    /// The entries `[from][to]` of a matrix that are positive after a change of sign.
    init(_ matrix: [Double], nodes: Int, sign: Double) {
      for (place, value) in matrix.enumerated() where sign * value > 0 {
        from.append(place / nodes)
        to.append(place % nodes)
        weights.append(sign * value)
      }
    }

    /// Every target gathers its sources' values times the edges' weights.
    func carry(_ values: [Double], into sums: inout [Double]) {
      for edge in weights.indices { sums[to[edge]] += weights[edge] * values[from[edge]] }
    }
  }

  /// Working memory of a text.
  public struct State: Sendable {
    public internal(set) var position = 0
    /// σ of each layer, `[postsynaptic i][presynaptic j]` flat.
    public internal(set) var synapses: [[Double]]
  }

  /// How many neurons.
  public let count: Int
  public let layers: Int
  public let xExcitatory, xInhibitory, yExcitatory, yInhibitory: Edges
  /// Which synapses there are and how fast they learn, `[n, n]` flat; nil for all alike.
  public var plasticity: [Double]?
  /// The activity y that a token brings in, `[V][n]`.
  private let entries: [[Double]]
  /// `[n, V]` flat: logits of the last y.
  private let readout: [Double]
  private let vocabulary: Int
  private let rotation: HatchlingRotation

  /// The graph of a model.
  ///
  /// - Throws: `CajalError` unless the model has one head, shared layers, activity as residual and no normalisation.
  public init(_ model: DragonHatchling) throws {
    let shape = model.configuration
    guard
      shape.heads == 1, shape.residual == .neurons, !shape.normalises, shape.sharesLayers,
      shape.attention == .linear, shape.gatesByActivity, !shape.readsItself
    else {
      throw CajalError(
        "the graph form needs one head, activity as residual, no normalisation, shared layers and the published attention and gate"
      )
    }
    (count, layers, vocabulary) = (shape.neurons, shape.layers, shape.vocabulary)
    let nodes = shape.neurons
    func wide(_ parameter: Parameter) -> Tensor { parameter.value.detached().to(.float64) }
    let decoder = wide(model.decoder[0])
    // Row = source: what neuron i sends through E and D to neuron j.
    let x = decoder.matmul(wide(model.encoder[0])[0]).doubles
    let y = decoder.matmul(wide(model.gate[0])[0]).doubles
    (xExcitatory, xInhibitory) = (Edges(x, nodes: nodes, sign: 1), Edges(x, nodes: nodes, sign: -1))
    (yExcitatory, yInhibitory) = (Edges(y, nodes: nodes, sign: 1), Edges(y, nodes: nodes, sign: -1))
    // The smallest activity that E maps on the token's vector.
    let inverse = decoder.transposed().pseudoInverse()
    let flat = wide(model.embedding).matmul(inverse.transposed()).doubles
    entries = (0..<shape.vocabulary).map { Array(flat[$0 * nodes..<($0 + 1) * nodes]) }
    readout = decoder.matmul(wide(model.output)).doubles
    rotation = model.rotation
  }

  public func start() -> State {
    State(synapses: Array(repeating: [Double](repeating: 0, count: count * count), count: layers))
  }

  /// Reads a token; the logits `[V]` behind it. A layer takes four rounds of messages along edges.
  public func step(_ token: Int, _ state: inout State) -> [Double] {
    precondition((0..<vocabulary).contains(token), "token \(token) of \(vocabulary)")
    var y = entries[token]
    var x = [Double](repeating: 0, count: count)
    for layer in 0..<layers {
      // Inference: Y(i) reaches X(j) along the x graphs.
      var (excited, inhibited) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      xExcitatory.carry(y, into: &excited)
      xInhibitory.carry(y, into: &inhibited)
      for j in 0..<count { x[j] += max(0, excited[j] - inhibited[j]) }
      // Reading: X(j) times the synapse gives A(i).
      let attention = read(x, state.synapses[layer])
      // Learning: where Y(i) met X(j); then all synapses turn on by a token.
      learn(y, x, &state.synapses[layer])
      // Response: A(i) reaches Y(j) along the y graphs, and X(j) gates it.
      (excited, inhibited) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      yExcitatory.carry(attention, into: &excited)
      yInhibitory.carry(attention, into: &inhibited)
      y = (0..<count).map { max(0, excited[$0] - inhibited[$0]) * x[$0] }
    }
    state.position += 1
    return (0..<vocabulary).map { token in
      (0..<count).reduce(0) { $0 + y[$1] * readout[$1 * vocabulary + token] }
    }
  }

  private func read(_ x: [Double], _ synapses: [Double]) -> [Double] {
    synapses.withUnsafeBufferPointer { synapses in
      (0..<count).map { i in
        var sum = 0.0
        for j in 0..<count { sum += synapses[i * count + j] * x[j] }
        return sum
      }
    }
  }

  private func learn(_ y: [Double], _ x: [Double], _ synapses: inout [Double]) {
    let (cosines, sines) = rotation.angles(1)
    for i in 0..<count {
      for j in 0..<count where y[i] != 0 && x[j] != 0 {
        synapses[i * count + j] += y[i] * x[j] * (plasticity?[i * count + j] ?? 1)
      }
      for pair in 0..<count / 2 {
        let place = i * count + 2 * pair
        let (a, b) = (synapses[place], synapses[place + 1])
        let (c, s) = (Double(cosines[pair]), Double(sines[pair]))
        (synapses[place], synapses[place + 1]) = (a * c + b * s, b * c - a * s)
      }
    }
  }
}
