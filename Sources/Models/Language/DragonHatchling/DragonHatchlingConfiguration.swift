import Support

/// The sizes of a dragon hatchling, and what of the published design is left out.
public struct DragonHatchlingConfiguration: Sendable, Equatable, Codable {
  /// Where what layers add is gathered.
  public enum Residual: String, Sendable, Codable, CaseIterable {
    /// In the stream of `width` numbers, from which every layer makes activity anew: the released code.
    case stream
    /// In the activity of the neurons: the paper's Equation 8.
    case neurons
  }

  /// How scores weigh what earlier positions hold.
  public enum Attention: String, Sendable, Codable, CaseIterable {
    /// Scores themselves: the published form, which can be computed with a state of constant size.
    case linear
    /// Scores over the root of the neurons, through a softmax: a control.
    case softmax
  }

  /// How many different tokens there are.
  public var vocabulary: Int
  /// Numbers of a token's vector: d.
  public var width: Int
  public var heads: Int
  /// N; a layer has n = heads · N neurons.
  public var neuronsPerHead: Int
  public var layers: Int
  /// The share of the neurons' activity that is left out at random in training.
  public var dropout: Double
  /// The slowest frequency is about 1 / theta.
  public var rotaryTheta: Double
  public var residual: Residual
  public var attention: Attention
  /// Whether positions read themselves, too; published: no.
  public var readsItself: Bool
  /// Whether activity behind attention is multiplied by that before it; published: yes.
  public var gatesByActivity: Bool
  /// Whether all layers share their matrices; published: yes.
  public var sharesLayers: Bool
  /// Whether no gradient passes through keys and values: learning without backpropagation through time.
  public var detachesAttention: Bool
  /// Whether vectors are normalised; without, and with activity as residual, it is the paper's BDH-Normfree.
  public var normalises: Bool

  public init(
    vocabulary: Int = 256, width: Int = 256, heads: Int = 4, neuronsPerHead: Int = 8_192, layers: Int = 6,
    dropout: Double = 0.1, rotaryTheta: Double = 65_536, residual: Residual = .stream,
    attention: Attention = .linear, readsItself: Bool = false, gatesByActivity: Bool = true,
    sharesLayers: Bool = true, detachesAttention: Bool = false, normalises: Bool = true
  ) {
    self.vocabulary = vocabulary
    self.width = width
    self.heads = heads
    self.neuronsPerHead = neuronsPerHead
    self.layers = layers
    self.dropout = dropout
    self.rotaryTheta = rotaryTheta
    self.residual = residual
    self.attention = attention
    self.readsItself = readsItself
    self.gatesByActivity = gatesByActivity
    self.sharesLayers = sharesLayers
    self.detachesAttention = detachesAttention
    self.normalises = normalises
  }

  /// Neurons of a layer: n.
  public var neurons: Int { heads * neuronsPerHead }

  /// How many numbers are trained: 3 n d for each set of matrices, and 2 V d.
  public var parameterCount: Int {
    3 * neurons * width * (sharesLayers ? 1 : layers) + 2 * vocabulary * width
  }

  /// How many numbers the state of a text holds, however long the text: L n d.
  public var stateCount: Int { layers * neurons * width }

  /// - Throws: `CajalError` naming a size that is out of range, or options that exclude each other.
  public func checked() throws -> DragonHatchlingConfiguration {
    let sizes = [vocabulary, width, heads, neuronsPerHead, layers]
    guard sizes.allSatisfy({ (1...1 << 24).contains($0) }) else {
      throw CajalError("a dragon hatchling of sizes \(sizes), expected numbers from 1 up")
    }
    guard neuronsPerHead % 2 == 0 else {
      throw CajalError(
        "\(neuronsPerHead) neurons of a head cannot be turned in pairs: expected an even number")
    }
    guard (0..<1).contains(dropout), rotaryTheta > 1 else {
      throw CajalError(
        "dropout \(dropout) and rotary theta \(rotaryTheta), expected from 0 up to 1, and above 1")
    }
    guard normalises || residual == .neurons else {
      throw CajalError("only a hatchling with activity as residual works without normalisation")
    }
    return self
  }
}
