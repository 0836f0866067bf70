import CMalloc

/// What happens to memory that the program has freed.
public enum FreedMemory {
  /// Keeps up to `bytes` of freed memory for the next arrays instead of giving it back to the system at once.
  ///
  /// Fresh memory costs a page fault every 4 KiB, which for arrays of a megabyte is more than the work on them. For programs
  /// to call once at their start; a library leaves the choice to its program.
  public static func keep(_ bytes: Int = 128 << 20) {
    mallopt(M_TRIM_THRESHOLD, Int32(clamping: bytes))
    mallopt(M_MMAP_THRESHOLD, Int32(clamping: bytes / 4))
  }

  /// Gives what is free back to the system now, behind work that needed much once.
  public static func release() { malloc_trim(0) }
}
