/// Hosts by their kind.
enum ServerAddress {
  /// Whether a host is this machine, so that nothing crosses a network.
  static func isLoopback(_ host: String) -> Bool {
    let name = host.lowercased().trimmingPrefix("[").prefix { $0 != "]" }
    if name == "localhost" || name == "::1" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
