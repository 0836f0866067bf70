import StudyCore

/// The studies of networks that remember and foresee, simulated spike by spike.
public enum MemoryStudies {
  public static var all: [AnyStudy] {
    [AnyStudy(HippocampalCAM.self), AnyStudy(WhatWhenReservoir.self)]
  }
}
