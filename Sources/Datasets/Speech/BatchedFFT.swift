import Foundation

/// Real Fourier transforms of sixteen signals at once, one in each lane.
///
/// The length is 2·4ᵏ: the samples are packed by twos into complex numbers, which go through Stockham's
/// algorithm in steps of four. Sixteen signals a vector keep every step free of shuffles.
struct BatchedFFT: Sendable {
  typealias Lanes = SIMD16<Float>

  /// Samples a signal.
  let length: Int
  /// Frequencies of the spectrum, from 0 to half the sampling rate.
  var bins: Int { length / 2 + 1 }
  /// exp(2πi k/length) for k below length/2.
  private let turns: [SIMD2<Float>]

  /// The shortest possible length that is not below `samples`.
  static func length(atLeast samples: Int) -> Int {
    var length = 8
    while length < samples { length *= 4 }
    return length
  }

  init(length: Int) {
    precondition(
      length == Self.length(atLeast: length), "a transform of \(length) samples; 2·4ᵏ are possible")
    self.length = length
    turns = (0..<length / 2).map { index in
      let angle = 2 * Double.pi * Double(index) / Double(length)
      return SIMD2(Float(cos(angle)), Float(sin(angle)))
    }
  }

  /// Gives `body` room for a transform and its scratch, each of `2 bins` lanes.
  func withRoom<Value>(
    _ body: (_ buffer: UnsafeMutablePointer<Lanes>, _ scratch: UnsafeMutablePointer<Lanes>) -> Value
  ) -> Value {
    let room = UnsafeMutablePointer<Lanes>.allocate(capacity: 4 * bins)
    defer { room.deallocate() }
    room.initialize(repeating: .zero, count: 4 * bins)
    return body(room, room + 2 * bins)
  }

  /// Puts sixteen pieces of a sound into the lanes, with zeros beyond its ends; piece `lane` begins at
  /// `starts[lane]`.
  func load(
    _ samples: [Float], from starts: [Int], count: Int, into buffer: UnsafeMutablePointer<Lanes>,
    window: [Float]? = nil
  ) {
    buffer.update(repeating: .zero, count: 2 * bins)
    for (lane, start) in starts.enumerated() {
      for index in max(0, -start)..<max(0, -start, min(count, samples.count - start)) {
        buffer[index][lane] = samples[start + index] * (window?[index] ?? 1)
      }
    }
  }

  /// Spectra to signals, times half the length: `buffer` holds ``bins`` complex lanes (real, imaginary), then
  /// `length` samples; `scratch` has as many elements.
  func inverse(_ buffer: UnsafeMutablePointer<Lanes>, scratch: UnsafeMutablePointer<Lanes>) {
    let half = length / 2
    turns.withUnsafeBufferPointer { turns in
      for k in 0...half / 2 {
        let (a, b) = (k, half - k)
        let (ar, ai) = (buffer[2 * a], buffer[2 * a + 1])
        let (br, bi) = (buffer[2 * b], buffer[2 * b + 1])
        let (c, s) = k == half ? (-1, 0) : (turns[k].x, turns[k].y)
        // Even samples (e) and odd ones (o), turned back by half a sample.
        let (er, ei) = ((ar + br) * 0.5, (ai - bi) * 0.5)
        let (dr, di) = ((ar - br) * 0.5, (ai + bi) * 0.5)
        let (or, oi) = (dr * c - di * s, dr * s + di * c)
        (buffer[2 * a], buffer[2 * a + 1]) = (er - oi, ei + or)
        if b != half && b != a { (buffer[2 * b], buffer[2 * b + 1]) = (er + oi, or - ei) }
      }
    }
    transform(buffer, scratch, sign: 1)
  }

  /// Signals to spectra: `buffer` holds `length` samples, then ``bins`` complex lanes; it and `scratch` have
  /// room for `2 bins`.
  func forward(_ buffer: UnsafeMutablePointer<Lanes>, scratch: UnsafeMutablePointer<Lanes>) {
    let half = length / 2
    transform(buffer, scratch, sign: -1)
    (buffer[2 * half], buffer[2 * half + 1]) = (buffer[0], buffer[1])
    turns.withUnsafeBufferPointer { turns in
      for k in 0...half / 2 {
        let (a, b) = (k, half - k)
        let (ar, ai) = (buffer[2 * a], buffer[2 * a + 1])
        let (br, bi) = (buffer[2 * b], buffer[2 * b + 1])
        let (c, s) = (turns[k].x, -turns[k].y)
        let (er, ei) = ((ar + br) * 0.5, (ai - bi) * 0.5)
        let (or, oi) = ((ai + bi) * 0.5, (br - ar) * 0.5)
        let (tr, ti) = (or * c - oi * s, or * s + oi * c)
        (buffer[2 * a], buffer[2 * a + 1]) = (er + tr, ei + ti)
        if b != a { (buffer[2 * b], buffer[2 * b + 1]) = (er - tr, ti - ei) }
      }
    }
  }

  /// The complex transform of half the length, in place.
  private func transform(
    _ buffer: UnsafeMutablePointer<Lanes>, _ scratch: UnsafeMutablePointer<Lanes>, sign: Float
  ) {
    var (source, target) = (buffer, scratch)
    var (size, stride) = (length / 2, 1)
    while size > 1 {
      step(source, target, size, stride, sign)
      swap(&source, &target)
      (size, stride) = (size / 4, stride * 4)
    }
    if source != buffer { buffer.update(from: source, count: length) }
  }

  private func step(
    _ source: UnsafeMutablePointer<Lanes>, _ target: UnsafeMutablePointer<Lanes>, _ size: Int, _ stride: Int,
    _ sign: Float
  ) {
    let quarter = size / 4
    turns.withUnsafeBufferPointer { turns in
      for p in 0..<quarter {
        // exp(2πi p/size) stands at p · 2 stride, since length = 2 · size · stride.
        let (t1, t2) = (turns[2 * p * stride], turns[4 * p * stride])
        let (c1, s1, c2, s2) = (t1.x, sign * t1.y, t2.x, sign * t2.y)
        let (c3, s3) = (c1 * c2 - s1 * s2, c1 * s2 + s1 * c2)
        for q in 0..<stride {
          let x = source + 2 * (q + stride * p)
          let gap = 2 * stride * quarter
          let (ar, ai, br, bi) = (x[0], x[1], x[gap], x[gap + 1])
          let (cr, ci, dr, di) = (x[2 * gap], x[2 * gap + 1], x[3 * gap], x[3 * gap + 1])
          let (sr, si, er, ei) = (ar + cr, ai + ci, ar - cr, ai - ci)
          let (tr, ti) = (br + dr, bi + di)
          // i (b - d), with the sign of the transform.
          let (jr, ji) = ((di - bi) * sign, (br - dr) * sign)
          let y = target + 2 * (q + stride * 4 * p)
          let step = 2 * stride
          (y[0], y[1]) = (sr + tr, si + ti)
          let (ur, ui) = (er + jr, ei + ji)
          (y[step], y[step + 1]) = (ur * c1 - ui * s1, ur * s1 + ui * c1)
          let (vr, vi) = (sr - tr, si - ti)
          (y[2 * step], y[2 * step + 1]) = (vr * c2 - vi * s2, vr * s2 + vi * c2)
          let (wr, wi) = (er - jr, ei - ji)
          (y[3 * step], y[3 * step + 1]) = (wr * c3 - wi * s3, wr * s3 + wi * c3)
        }
      }
    }
  }
}
