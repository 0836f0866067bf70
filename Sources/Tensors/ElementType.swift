/// What the elements of an array are.
public enum ElementType: String, Sendable, CaseIterable {
  case float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, bool, complex64, complex128
  case uint16, uint32, uint64
}
