import Support
import Tensors

extension DragonHatchling {
  /// One model with the neurons of both: clones that were trained on different texts, put side by side.
  ///
  /// Head by head the neurons of the second stand behind those of the first, with the angles by which they turn; embedding and
  /// output are averaged (section 7.1 of the paper). No training follows.
  ///
  /// - Throws: `CajalError` when the models differ in more than neurons, or activity could not be told apart.
  public static func merging(_ a: DragonHatchling, _ b: DragonHatchling) throws -> DragonHatchling {
    var (first, second) = (a.configuration, b.configuration)
    second.neuronsPerHead = first.neuronsPerHead
    guard first == second else {
      throw CajalError("models to be merged should differ in their neurons only: \(first) and \(second)")
    }
    first.neuronsPerHead += b.configuration.neuronsPerHead
    let (h, d) = (first.heads, first.width)
    func joined(_ x: Tensor, _ y: Tensor, axis: Int) -> Tensor {
      Tensor.concatenated([x.detached(), y.detached()], axis: axis)
    }
    func mean(_ x: Parameter, _ y: Parameter) -> Tensor { (x.value.detached() + y.value.detached()) / 2 }
    var weights: NamedTensors = [
      ("embed.weight", mean(a.embedding, b.embedding)), ("lm_head", mean(a.output, b.output)),
      ("attn.freqs", joined(a.frequencies.value, b.frequencies.value, axis: 0)),
    ]
    for index in a.encoder.indices {
      let suffix = first.sharesLayers ? "" : ".\(index)"
      let decoders = [a, b].map {
        $0.decoder[index].value.detached().reshaped(h, $0.configuration.neuronsPerHead, d)
      }
      weights += [
        ("encoder\(suffix)", joined(a.encoder[index].value, b.encoder[index].value, axis: 2)),
        ("encoder_v\(suffix)", joined(a.gate[index].value, b.gate[index].value, axis: 2)),
        (
          "decoder\(suffix)",
          Tensor.concatenated(decoders, axis: 1).reshaped(first.neurons, d)
        ),
      ]
    }
    return try DragonHatchling(first, weights: weights)
  }

  /// Another model with the same weights.
  public func copy() throws -> DragonHatchling {
    try DragonHatchling(configuration, weights: state.map { ($0.name, $0.tensor.cloned()) })
  }
}
