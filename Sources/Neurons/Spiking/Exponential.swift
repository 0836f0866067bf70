import Foundation

/// `exp` of a constant, where a model's own `exp` would be meant otherwise.
func exponential(_ x: Double) -> Double { exp(x) }
