import Foundation

/// A complex number of double precision, as far as the cochlea's equations need it.
struct ComplexNumber {
  var real: Double
  var imaginary: Double

  init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  static func + (a: Self, b: Self) -> Self { Self(a.real + b.real, a.imaginary + b.imaginary) }
  static func - (a: Self, b: Self) -> Self { Self(a.real - b.real, a.imaginary - b.imaginary) }
  static func * (a: Self, b: Self) -> Self {
    Self(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }
  static func * (a: Double, b: Self) -> Self { Self(a * b.real, a * b.imaginary) }
  static func / (a: Self, b: Self) -> Self {
    let scale = 1 / (b.real * b.real + b.imaginary * b.imaginary)
    return Self(
      (a.real * b.real + a.imaginary * b.imaginary) * scale,
      (a.imaginary * b.real - a.real * b.imaginary) * scale)
  }

  var magnitude: Double { (real * real + imaginary * imaginary).squareRoot() }

  /// The root with a real part that is not negative.
  var squareRoot: Self {
    let size = magnitude
    let real = (max(size + self.real, 0) / 2).squareRoot()
    let imaginary = (max(size - self.real, 0) / 2).squareRoot()
    return Self(real, self.imaginary < 0 ? -imaginary : imaginary)
  }

  /// exp(i z)
  var turned: Self {
    let size = exp(-imaginary)
    return Self(size * cos(real), size * sin(real))
  }

  /// Hankel's function of the first kind and order zero, where the imaginary part is not negative.
  ///
  /// The power series near zero, the asymptotic series from magnitude 8 on (Digital Library of Mathematical
  /// Functions, 10.2.2, 10.8.2 and 10.17.5); right to 10⁻⁶ of the value.
  var hankel: Self { magnitude < 8 ? hankelBySeries : hankelFarOut }

  private var hankelBySeries: Self {
    let quarter = -0.25 * (self * self)
    var (term, j, sum) = (Self(1), Self(1), Self(0))
    var harmonic = 0.0
    for k in 1...40 {
      term = (1 / Double(k * k)) * (term * quarter)
      harmonic += 1 / Double(k)
      j = j + term
      sum = sum + harmonic * term
    }
    let logarithm = Self(log(magnitude / 2) + 0.577_215_664_901_532_9, atan2(imaginary, real))
    let y = (2 / Double.pi) * (logarithm * j - sum)
    return Self(j.real - y.imaginary, j.imaginary + y.real)
  }

  private var hankelFarOut: Self {
    var (term, sum) = (Self(1), Self(1))
    let step = Self(0, -1 / 8.0) / self
    for k in 1...16 {
      let odd = Double(2 * k - 1)
      let next = (odd * odd / Double(k)) * (term * step)
      guard next.magnitude < term.magnitude else { break }
      term = next
      sum = sum + term
    }
    let front = (Self(2 / Double.pi) / self).squareRoot
    return front * Self(real - Double.pi / 4, imaginary).turned * sum
  }
}
