import Foundation
import Support

/// A sound of one channel.
public struct Waveform: Sendable, Equatable {
  /// About -1...1.
  public var samples: [Float]
  /// Samples a second.
  public var sampleRate: Double

  public init(samples: [Float], sampleRate: Double) {
    self.samples = samples
    self.sampleRate = sampleRate
  }

  /// Seconds.
  public var duration: Double { Double(samples.count) / sampleRate }

  /// The part between the first and the last sample above `threshold` times the loudest.
  public func trimmed(threshold: Float = 0.02) -> Waveform {
    let limit = (samples.map(abs).max() ?? 0) * threshold
    guard let first = samples.firstIndex(where: { abs($0) > limit }),
      let last = samples.lastIndex(where: { abs($0) > limit })
    else { return Waveform(samples: [], sampleRate: sampleRate) }
    return Waveform(samples: Array(samples[first...last]), sampleRate: sampleRate)
  }
}

extension Waveform {
  /// Reads a WAV file: whole numbers of 8 to 32 bits or floats, several channels averaged.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    try self.init(wav: Array(data), url.path)
  }

  /// Reads the bytes of a WAV file. Sizes beyond the end, as programs write that do not know the length yet,
  /// mean up to the end.
  init(wav bytes: [UInt8], _ what: String) throws {
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    guard bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8) else {
      throw CajalError("\(what) is no WAV file: it does not start with RIFF and WAVE")
    }
    var format: SampleFormat?
    var offset = 12
    while offset + 8 <= bytes.count {
      let name = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
      let (stated, start) = (number(offset + 4, 4), offset + 8)
      let size = min(stated, bytes.count - start)
      if name == "fmt " {
        guard size >= 16 else { throw CajalError("\(what): the format of \(size) bytes is cut off") }
        let code = number(start, 2) == 0xFFFE && size >= 26 ? number(start + 24, 2) : number(start, 2)
        format = SampleFormat(
          code: code, channels: number(start + 2, 2), rate: number(start + 4, 4), bits: number(start + 14, 2))
      } else if name == "data" {
        guard let format else { throw CajalError("\(what): sound comes before its format") }
        try format.check(what)
        guard stated == size || stated >= 0x7FFF_0000 else {
          throw CajalError(
            "\(what) ends at byte \(bytes.count), inside the sound: \(stated) bytes were expected")
        }
        self.init(samples: format.decode(bytes[start..<start + size]), sampleRate: Double(format.rate))
        return
      }
      offset = start + size + size % 2
    }
    throw CajalError("\(what) holds no sound")
  }

  /// Writes a WAV file of 16 bits; what is louder than 1 is cut.
  public func write(to url: URL) throws {
    var data = Data()
    func put(_ value: Int, _ width: Int) {
      for byte in 0..<width { data.append(UInt8(value >> (8 * byte) & 0xFF)) }
    }
    let rate = Int(sampleRate)
    data.append(contentsOf: "RIFF".utf8)
    put(36 + 2 * samples.count, 4)
    data.append(contentsOf: "WAVEfmt ".utf8)
    for (value, width) in [(16, 4), (1, 2), (1, 2), (rate, 4), (2 * rate, 4), (2, 2), (16, 2)] {
      put(value, width)
    }
    data.append(contentsOf: "data".utf8)
    put(2 * samples.count, 4)
    for sample in samples { put(Int((max(-1, min(1, sample)) * 32767).rounded()) & 0xFFFF, 2) }
    try AtomicFile.write(data, to: url)
  }
}

/// How a WAV file stores its samples.
private struct SampleFormat {
  /// 1 for whole numbers, 3 for floats.
  let code: Int
  let channels: Int
  let rate: Int
  let bits: Int

  func check(_ what: String) throws {
    guard (code == 1 && [8, 16, 24, 32].contains(bits)) || (code == 3 && [32, 64].contains(bits)) else {
      throw CajalError(
        "\(what): samples of format \(code) with \(bits) bits; PCM of 8 to 32 bits and floats are read")
    }
    guard (1...64).contains(channels), (1...1_000_000).contains(rate) else {
      throw CajalError("\(what): \(channels) channels at \(rate) Hz cannot be right")
    }
  }

  /// The mean of the channels.
  func decode(_ bytes: ArraySlice<UInt8>) -> [Float] {
    let width = bits / 8
    let frame = width * channels
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / frame).map { index in
        var sum: Float = 0
        for channel in 0..<channels { sum += sample(raw, index * frame + channel * width) }
        return sum / Float(channels)
      }
    }
  }

  private func sample(_ raw: UnsafeRawBufferPointer, _ offset: Int) -> Float {
    switch (code, bits) {
    case (3, 32): raw.loadUnaligned(fromByteOffset: offset, as: Float.self)
    case (3, _): Float(raw.loadUnaligned(fromByteOffset: offset, as: Double.self))
    case (_, 8): (Float(raw[offset]) - 128) / 128
    case (_, 16): Float(raw.loadUnaligned(fromByteOffset: offset, as: Int16.self)) / 0x1p15
    case (_, 24):
      Float(Int32(raw[offset]) | Int32(raw[offset + 1]) << 8 | Int32(Int8(bitPattern: raw[offset + 2])) << 16)
        / 0x1p23
    default: Float(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self)) / 0x1p31
    }
  }
}
