// How the variables of sixteen neurons are read and written. Counts are constants of a model, so that what a model
// does not have is not compiled.

extension Variables<UnsafeMutablePointer<Float>> {
  /// The lanes at a place of each of the first `used` tensors.
  @inline(__always)
  func lanes(_ used: Int, at place: Int, _ width: Int) -> Variables<Lanes> {
    let first = used > 0 ? Lanes(v0 + place, width) : Lanes(repeating: 0)
    return Variables<Lanes>(
      first, used > 1 ? Lanes(v1 + place, width) : first, used > 2 ? Lanes(v2 + place, width) : first,
      used > 3 ? Lanes(v3 + place, width) : first, used > 4 ? Lanes(v4 + place, width) : first,
      used > 5 ? Lanes(v5 + place, width) : first, used > 6 ? Lanes(v6 + place, width) : first,
      used > 7 ? Lanes(v7 + place, width) : first)
  }
}

extension Variables<Lanes> {
  /// The values kept one after another at `source`.
  @inline(__always)
  init(_ source: UnsafeMutablePointer<Lanes>, _ used: Int) {
    let first = source[0]
    self.init(
      first, used > 1 ? source[1] : first, used > 2 ? source[2] : first, used > 3 ? source[3] : first,
      used > 4 ? source[4] : first, used > 5 ? source[5] : first, used > 6 ? source[6] : first,
      used > 7 ? source[7] : first)
  }

  @inline(__always)
  func store(to target: UnsafeMutablePointer<Lanes>, _ used: Int) {
    target[0] = v0
    if used > 1 { target[1] = v1 }
    if used > 2 { target[2] = v2 }
    if used > 3 { target[3] = v3 }
    if used > 4 { target[4] = v4 }
    if used > 5 { target[5] = v5 }
    if used > 6 { target[6] = v6 }
    if used > 7 { target[7] = v7 }
  }
}
