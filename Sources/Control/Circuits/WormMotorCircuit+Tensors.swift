import Support
import Tensors

extension WormMotorCircuit {
  /// The controls of many swimmers at once, with gradients to the weights.
  ///
  /// - Parameters:
  ///   - weights: As ``weights``, `[W]`.
  ///   - angles: Radians, `[B, N]`.
  ///   - steps: Control steps of each, B of them.
  /// - Returns: `[B, N]`.
  public func torques(_ weights: Tensor, _ angles: Tensor, steps: [Int]) -> Tensor {
    let (batch, joints) = (angles.size(0), configuration.joints)
    precondition(angles.shape == [steps.count, joints], "angles \(angles.shape) of \(steps.count) swimmers")
    func signed(_ places: [Int], isExcitatory: Bool) -> Tensor {
      let own = weights.selected(Tensor(places.map(Int64.init), shape: [places.count]), axis: 0)
      guard configuration.constrainsSigns else { return own }
      return isExcitatory ? own.relu() : -(-own).relu()
    }
    let places = weightPlaces
    let limited = (angles * (1 / angleScale)).clamped(to: -1...1)
    let waves = steps.map { oscillation($0) }
    func neurons(_ side: Int) -> Tensor {
      let sensed = (side == 0 ? limited : -limited).relu()
      let wave = Tensor(
        waves.map { side == 0 ? $0.dorsal : $0.ventral }, shape: [batch, 1], as: angles.elementType)
      let own = side == 0 ? [0] : [1]
      let zero = Tensor.zeros([batch, 1], angles.elementType)
      let head =
        configuration.hasOscillator
        ? wave * signed(own.map { places.oscillator[$0] }, isExcitatory: true) : zero
      guard joints > 1 else { return head.clamped(to: 0...1) }
      let rest =
        configuration.hasProprioception
        ? sensed[.all, 0..<joints - 1]
          * signed((0..<joints - 1).map { places.proprioception[2 * $0 + side] }, isExcitatory: true)
        : Tensor.zeros([batch, joints - 1], angles.elementType)
      return Tensor.concatenated([head, rest], axis: 1).clamped(to: 0...1)
    }
    let (dorsal, ventral) = (neurons(0), neurons(1))
    func muscles(_ own: Tensor, _ other: Tensor, _ side: Int) -> Tensor {
      let ipsi = signed((0..<joints).map { places.ipsilateral[2 * $0 + side] }, isExcitatory: true)
      let contra = signed((0..<joints).map { places.contralateral[2 * $0 + side] }, isExcitatory: false)
      return (own * ipsi + other * contra).clamped(to: 0...1)
    }
    return muscles(dorsal, ventral, 0) - muscles(ventral, dorsal, 1)
  }
}
