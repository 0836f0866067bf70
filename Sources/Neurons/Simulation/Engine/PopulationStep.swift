import Support

/// Where the neurons of a population lie: one array a variable, and the inputs that arrive in this step.
public struct PopulationMemory<Scalar: SimulationScalar>: @unchecked Sendable {
  let variables: Variables<UnsafeMutablePointer<Scalar>>
  /// Nil where nothing can ever arrive.
  let inputs: Variables<UnsafeMutablePointer<Scalar>?>
  /// Neurons behind this one fill the last vector, and do not fire.
  let count: Int
}

/// One time step of a population, compiled for a model and a precision.
public struct PopulationStep<Scalar: SimulationScalar>: Sendable {
  /// Advances neurons, a whole number of vectors from the first; inputs are read and cleared, the neurons that fired are
  /// written in ascending order. Returns how many fired.
  let run: @Sendable (PopulationMemory<Scalar>, Range<Int>, UnsafeMutablePointer<Int32>) -> Int
}

extension NeuronModel {
  public var singleStep: PopulationStep<Float> {
    let kernel = PopulationKernel<Self, Float>(model: self)
    return PopulationStep { kernel.step($0, $1, $2) }
  }

  public var doubleStep: PopulationStep<Double> {
    let kernel = PopulationKernel<Self, Double>(model: self)
    return PopulationStep { kernel.step($0, $1, $2) }
  }
}

/// The loop over the neurons of a step.
private struct PopulationKernel<Model: NeuronModel, Scalar: SimulationScalar>: Sendable {
  typealias Vector = Scalar.Vector
  let model: Model

  @inline(__always)
  func step(
    _ memory: PopulationMemory<Scalar>, _ range: Range<Int>, _ spikes: UnsafeMutablePointer<Int32>
  ) -> Int {
    var count = 0
    var place = range.lowerBound
    let zero = Vector(repeating: 0)
    while place < range.upperBound {
      let state = memory.variables.vectors(Model.variableCount, at: place, as: Vector.self)
      let inputs = Variables(
        arriving(memory.inputs[0], place, zero),
        Model.inputCount > 1 ? arriving(memory.inputs[1], place, zero) : zero,
        Model.inputCount > 2 ? arriving(memory.inputs[2], place, zero) : zero, zero)
      let (output, next) = model.advance(inputs, state, Variables(zero))
      memory.variables.write(next, Model.variableCount, at: place)
      var fired = output.fired
      if fired != 0 {
        if place + Vector.width > memory.count { fired &= (1 << UInt32(memory.count - place)) - 1 }
        while fired != 0 {
          spikes[count] = Int32(truncatingIfNeeded: place + fired.trailingZeroBitCount)
          count += 1
          fired &= fired - 1
        }
      }
      place += Vector.width
    }
    return count
  }

  @inline(__always)
  private func arriving(_ input: UnsafeMutablePointer<Scalar>?, _ place: Int, _ zero: Vector) -> Vector {
    guard let input else { return zero }
    let values = Vector(reading: input + place)
    zero.write(to: input + place)
    return values
  }
}

extension Variables {
  @inline(__always)
  fileprivate func vectors<Scalar: SimulationScalar>(
    _ used: Int, at place: Int, as _: Scalar.Vector.Type
  ) -> Variables<Scalar.Vector> where Value == UnsafeMutablePointer<Scalar> {
    let first = Scalar.Vector(reading: v0 + place)
    return Variables<Scalar.Vector>(
      first, used > 1 ? .init(reading: v1 + place) : first, used > 2 ? .init(reading: v2 + place) : first,
      used > 3 ? .init(reading: v3 + place) : first, used > 4 ? .init(reading: v4 + place) : first,
      used > 5 ? .init(reading: v5 + place) : first, used > 6 ? .init(reading: v6 + place) : first,
      used > 7 ? .init(reading: v7 + place) : first)
  }

  @inline(__always)
  fileprivate func write<Scalar: SimulationScalar>(
    _ values: Variables<Scalar.Vector>, _ used: Int, at place: Int
  ) where Value == UnsafeMutablePointer<Scalar> {
    values.v0.write(to: v0 + place)
    if used > 1 { values.v1.write(to: v1 + place) }
    if used > 2 { values.v2.write(to: v2 + place) }
    if used > 3 { values.v3.write(to: v3 + place) }
    if used > 4 { values.v4.write(to: v4 + place) }
    if used > 5 { values.v5.write(to: v5 + place) }
    if used > 6 { values.v6.write(to: v6 + place) }
    if used > 7 { values.v7.write(to: v7 + place) }
  }
}
