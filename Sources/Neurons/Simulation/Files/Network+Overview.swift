extension Network {
  /// Neurons that are simulated, without sources.
  public var neuronCount: Int {
    populations.reduce(0) { $0 + ($1.neuronType == nil ? 0 : $1.handle.count) }
  }
}
