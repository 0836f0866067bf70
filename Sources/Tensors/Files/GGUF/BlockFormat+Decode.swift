extension BlockFormat {
  /// Writes the elements of whole blocks as floats.
  ///
  /// - Precondition: `count` is a multiple of ``elements`` and `source` holds as many.
  public func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<Float>, count: Int) {
    precondition(
      count % elements == 0 && source.count >= bytes(count),
      "\(source.count) bytes for \(count) \(self) elements")
    guard let start = source.baseAddress, count > 0 else { return }
    for block in 0..<count / elements {
      decodeBlock(start + block * width, target + block * elements)
    }
  }

  @inline(__always)
  private func decodeBlock(_ block: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>) {
    switch self {
    case .f32: target[0] = Float(bitPattern: UInt32(littleEndian: block.loadUnaligned(as: UInt32.self)))
    case .f16: target[0] = half(block, 0)
    case .bf16: target[0] = Float(bitPattern: UInt32(block.loadUnaligned(as: UInt16.self)) << 16)
    case .q8:
      let d = half(block, 0)
      for j in 0..<32 { target[j] = d * Float(block.load(fromByteOffset: 2 + j, as: Int8.self)) }
    case .q4: nibbles(block + 2, target, scale: half(block, 0), base: -8 * half(block, 0))
    case .q4Offset: nibbles(block + 4, target, scale: half(block, 0), base: half(block, 2))
    case .q5: fiveBits(block + 2, target, scale: half(block, 0), base: -16 * half(block, 0))
    case .q5Offset: fiveBits(block + 4, target, scale: half(block, 0), base: half(block, 2))
    case .q4K: decodeK(block, target, high: nil, low: block + 16)
    case .q5K: decodeK(block, target, high: block + 16, low: block + 48)
    case .q6K: decodeQ6K(block, target)
    }
  }

  @inline(__always)
  private func half(_ block: UnsafeRawPointer, _ offset: Int) -> Float {
    Float(Float16(bitPattern: block.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  @inline(__always)
  private static func byte(_ block: UnsafeRawPointer, _ offset: Int) -> UInt8 {
    block.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// Byte j holds element j in its low and element j + 16 in its high half.
  private func nibbles(
    _ quants: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, scale: Float, base: Float
  ) {
    for j in 0..<16 {
      let pair = Self.byte(quants, j)
      target[j] = scale * Float(pair & 15) + base
      target[j + 16] = scale * Float(pair >> 4) + base
    }
  }

  /// As ``nibbles``, behind 32 bits that are the fifth bit of each element.
  private func fiveBits(
    _ quants: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, scale: Float, base: Float
  ) {
    let high = quants.loadUnaligned(as: UInt32.self)
    for j in 0..<16 {
      let pair = Self.byte(quants, 4 + j)
      target[j] = scale * Float(UInt32(pair & 15) | ((high >> UInt32(j)) & 1) << 4) + base
      target[j + 16] = scale * Float(UInt32(pair >> 4) | ((high >> UInt32(j + 16)) & 1) << 4) + base
    }
  }

  /// Eight sub-blocks of 32 with 6-bit scales and offsets, packed in twelve bytes.
  private func decodeK(
    _ block: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, high: UnsafeRawPointer?,
    low: UnsafeRawPointer
  ) {
    let (d, least) = (half(block, 0), half(block, 2))
    for sub in 0..<8 {
      let (scale, offset) = Self.sixBits(block + 4, sub)
      let (factor, base) = (d * Float(scale), least * Float(offset))
      let quants = low + sub / 2 * 32
      for j in 0..<32 {
        let nibble = sub % 2 == 0 ? Self.byte(quants, j) & 15 : Self.byte(quants, j) >> 4
        let fifth = high.map { (Self.byte($0, j) >> UInt8(sub)) & 1 } ?? 0
        target[sub * 32 + j] = factor * Float(nibble | fifth << 4) - base
      }
    }
  }

  /// Scale and offset of sub-block `index` in the twelve bytes.
  package static func sixBits(_ packed: UnsafeRawPointer, _ index: Int) -> (scale: UInt8, offset: UInt8) {
    guard index >= 4 else { return (Self.byte(packed, index) & 63, Self.byte(packed, index + 4) & 63) }
    let shared = Self.byte(packed, index + 4)
    let (high, other) = (Self.byte(packed, index - 4) >> 6, Self.byte(packed, index) >> 6)
    return (shared & 15 | high << 4, shared >> 4 | other << 4)
  }

  /// Sixteen sub-blocks of 16 with 8-bit scales; four low bits, then two high bits of each element.
  private func decodeQ6K(_ block: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>) {
    let (low, high, scales, d) = (block, block + 128, block + 192, half(block, 208))
    for part in 0..<2 {
      for j in 0..<32 {
        let bits = Self.byte(high, part * 32 + j)
        for quarter in 0..<4 {
          let source = Self.byte(low, part * 64 + quarter % 2 * 32 + j)
          let nibble = quarter < 2 ? source & 15 : source >> 4
          let value = Int(nibble | ((bits >> UInt8(2 * quarter)) & 3) << 4) - 32
          let scale = scales.load(fromByteOffset: part * 8 + quarter * 2 + j / 16, as: Int8.self)
          target[part * 128 + quarter * 32 + j] = d * Float(scale) * Float(value)
        }
      }
    }
  }
}
